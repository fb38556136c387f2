import { afterEach, describe, expect, it } from '@jest/globals';
import routeSubagents from '@signalbox/route-subagents';
import { anthropicTurn, json, reply } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const turn = { text: 'Hello there' };
const headers = { ...anthropicHeaders, 'x-claude-code-agent-id': 'a0000000000000007' };
const TAG = '<signalbox-model>chat/from-tag</signalbox-model>';
const OLD_TAG = '<CCR-SUBAGENT-MODEL>anthropic,claude-tagged</CCR-SUBAGENT-MODEL>';
const system = (prompt: string) => [
  { type: 'text', text: 'You are an SDK agent.' },
  { type: 'text', text: prompt, cache_control: { type: 'ephemeral' } },
];

async function start(options: object = {}): Promise<void> {
  gateway = await startTestGateway({ plugins: [[routeSubagents, { ...options }]] });
  gateway.provider.on('/v1/messages', reply(turn));
  gateway.provider.on('/v1/chat/completions', reply(turn));
}

const sent = () => gateway.provider.requests.map(({ path, rawBody }) => ({ path, text: rawBody.toString() }));

describe('subagents', () => {
  it('get their own model, and everyone else the route that was there', async () => {
    await start({ agents: { 'code reviewer': 'chat/reviewer-model', '*': 'anthropic/claude-small' } });
    const post = (prompt: string, own: Record<string, string>) =>
      gateway.post('/v1/messages', messagesBody({ system: system(prompt) }), own);
    const targets = await Promise.all(
      [
        post('You are a code reviewer.', headers),
        post('You are a painter.', headers),
        post('You are a code reviewer.', anthropicHeaders),
      ].map(async (answer) => (await answer).headers.get('x-signalbox-target')),
    );
    expect(targets).toEqual(['chat/reviewer-model', 'anthropic/claude-small', 'anthropic/claude-test']);
    const routes = gateway.records.map(({ route }) => route).sort();
    expect(routes).toEqual(['test', 'the subagent fits "*" in agents', 'the subagent fits "code reviewer" in agents']);
  });

  it('go where their tag says, in another format, and the provider does not see it', async () => {
    await start();
    const body = messagesBody({ system: system(`${TAG}\nYou are a reviewer.`) });
    const answer = await gateway.post('/v1/messages', body, headers);
    expect(await answer.json()).toMatchObject({ model: 'claude-test', content: [{ text: 'Hello there' }] });
    expect(answer.headers.get('x-signalbox-target')).toBe('chat/from-tag');
    const [request] = sent();
    expect(request?.path).toBe('/v1/chat/completions');
    expect(request?.text).toContain('You are a reviewer.');
    expect(request?.text).not.toContain('signalbox-model');
    expect((await gateway.nextRecord()).notes).toContainEqual(
      expect.objectContaining({ path: 'system[1].text', action: 'mapped' }),
    );
  });

  it('lose the tag in the client’s own format, too, and nothing else', async () => {
    await start();
    const body = messagesBody({
      system: system(`${OLD_TAG}You are a reviewer.`),
      messages: [{ role: 'user', content: [{ type: 'text', text: `Go ${OLD_TAG}on` }] }],
    });
    const answer = await gateway.post('/v1/messages', body, headers);
    expect(answer.headers.get('x-signalbox-lane')).toBe('canonical');
    expect(JSON.parse(sent()[0]?.text ?? '')).toEqual({
      ...JSON.parse(JSON.stringify(body).replaceAll(OLD_TAG, '')),
      model: 'claude-tagged',
    });
  });

  it('F61 lose a tag that names nothing, and take the route that was there', async () => {
    await start();
    const tag = '<signalbox-model>nowhere/x</signalbox-model>';
    const answer = await gateway.post('/v1/messages', messagesBody({ system: system(`${tag}One.`) }), headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-signalbox-target')).toBe('anthropic/claude-test');
    expect(sent()[0]?.text).not.toContain('nowhere');
    const { notes } = await gateway.nextRecord();
    expect(notes.map(({ path, action }) => [path, action])).toEqual([
      ['system[1].text', 'dropped'],
      ['system[1].text', 'mapped'],
    ]);
  });

  it('a tag that escapes its brackets in JSON is one, too', async () => {
    await start();
    const text = JSON.stringify(messagesBody({ messages: [{ role: 'user', content: `${TAG} hi` }] }));
    await gateway.post('/v1/messages', text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'), anthropicHeaders);
    expect(sent()[0]?.path).toBe('/v1/chat/completions');
    expect(sent()[0]?.text).not.toContain('model>');
  });

  it('without a tag a request passes through as it came', async () => {
    await start({ agents: { '*': 'anthropic/claude-test' } });
    const { body: whole } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.on('/v1/messages', json(200, whole));
    const body =
      '{ "model":"claude-test", "max_tokens":5,  "unknown":[1], "messages":[{"role":"user","content":"hi"}] }';
    const answer = await gateway.post('/v1/messages', body, headers);
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(answer.headers.get('x-signalbox-fidelity')).toBe('lossless');
    expect(sent()[0]?.text).toBe(body);
  });

  it('a tag in the first message works for OpenAI clients alike', async () => {
    await start();
    const body = chatBody({ messages: [{ role: 'user', content: `${OLD_TAG}hi` }] });
    const { body: whole } = anthropicTurn(turn, { model: 'claude-tagged' });
    gateway.provider.on('/v1/messages', json(200, whole));
    const answer = await gateway.post('/v1/chat/completions', body);
    expect(await answer.json()).toMatchObject({
      model: 'gpt-test',
      choices: [{ message: { content: 'Hello there' } }],
    });
    expect(sent()[0]).toMatchObject({ path: '/v1/messages', text: expect.not.stringContaining('CCR') });
  });

  it('F29 lose the tag in counts, too, and what is left is what is counted', async () => {
    await start();
    gateway.provider.on('/v1/messages/count_tokens', json(200, { input_tokens: 42 }));
    const body = messagesBody({ system: system(`${OLD_TAG}\nYou are a reviewer.`), model: 'claude-test' });
    const answer = await gateway.post('/v1/messages/count_tokens', body, headers);
    expect(await answer.json()).toEqual({ input_tokens: 42 });
    const [request] = sent();
    expect(request?.path).toBe('/v1/messages/count_tokens');
    const counted = JSON.parse(request?.text ?? '');
    expect(counted).toMatchObject({ model: 'claude-tagged', system: [{}, { text: 'You are a reviewer.' }] });
    expect(counted).not.toHaveProperty('max_tokens');
    expect(request?.text).not.toContain('CCR');
  });

  it('F29 a count without a tag passes through as it came', async () => {
    await start();
    gateway.provider.on('/v1/messages/count_tokens', json(200, { input_tokens: 7 }));
    const body = '{ "model":"claude-test",  "messages":[{"role":"user","content":"hi"}], "speed":"fast" }';
    expect(await (await gateway.post('/v1/messages/count_tokens', body, headers)).json()).toEqual({ input_tokens: 7 });
    expect(JSON.parse(sent()[0]?.text ?? '')).toEqual(JSON.parse(body));
    expect((await gateway.nextRecord()).lane).toBe('pass-through');
  });
});
