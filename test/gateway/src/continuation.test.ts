import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import { anthropicTurn, cutAfter, drip, providerError, type Responder, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const OLD = 'claude-haiku-4-5';
const plan = { onCut: 'continue', retry: { maxRetries: 0 } } as const;
const messages = '/v1/messages';
const chat = '/v1/chat/completions';
const START = 'Once upon a time there was a gateway that ';
const REST = 'never lost a stream.';

const start = (targets: string[], policy: object = plan) =>
  startTestGateway({
    targets,
    plan: policy,
    plugins: (url) => [
      [
        providerCompatible,
        { name: 'vllm', baseUrl: `${url}/v1`, format: 'openai-chat', dialect: { prefill: 'continue_final_message' } },
      ],
    ],
  });

/** A stream that breaks off right behind `text`, in the middle of its block. */
function cutBehind(text: string, how: 'fin' | 'rst' = 'rst'): Responder {
  const { sse: stream } = anthropicTurn({ text: [text, '@@@ and so on'] }, { model: OLD });
  return cutAfter(stream.lastIndexOf('event:', stream.indexOf('@')), how, sse(stream));
}

interface Told {
  readonly text: string;
  readonly events: readonly JsonObject[];
  readonly error: unknown;
}

/** Asks with the real SDK, which refuses a stream whose blocks or starts are out of order. */
async function ask(extra: object = {}): Promise<Told> {
  const client = new Anthropic({ baseURL: gateway.url, apiKey: 'x', maxRetries: 0 });
  const stream = client.messages.stream({
    model: OLD,
    max_tokens: 1000,
    messages: [{ role: 'user', content: 'Tell me.' }],
    ...extra,
  } as never);
  const events: JsonObject[] = [];
  let text = '';
  stream.on('streamEvent', (event) => void events.push(event as unknown as JsonObject));
  stream.on('text', (piece) => {
    text += piece;
  });
  const error = await stream.done().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { text, events, error };
}

const kinds = ({ events }: Told) => events.map(({ type }) => type).filter((type) => type !== 'content_block_delta');

describe('F22 a stream that breaks off, where the plan says "continue"', () => {
  it('says once where it broke off, whoever could not go on', async () => {
    const other = 'claude-sonnet-4-5';
    gateway = await start([`anthropic/${OLD}`, `anthropic/${other}`]);
    gateway.provider.once(messages, cutBehind(START));
    gateway.provider.on(messages, providerError(529, { message: 'busy' }));
    const { error } = await ask();
    const words = `anthropic/${OLD}: The provider anthropic broke the connection in the middle of its answer.`;
    expect(String(error)).toContain(`"${words}"`);
    const { target, attempts, error: recorded } = await gateway.nextRecord();
    expect(attempts.map(({ target: { model }, outcome }) => [model, outcome])).toEqual([
      [OLD, 'cut'],
      [OLD, 'failed'],
      [other, 'failed'],
    ]);
    expect([target, recorded?.message]).toEqual([`anthropic/${OLD}`, words]);
  });

  it('notes nothing of a target that could not go on', async () => {
    gateway = await start([`anthropic/${OLD}`, 'vllm/m']);
    gateway.provider.once(messages, cutBehind(START));
    gateway.provider.on(/./, providerError(529, { message: 'busy' }));
    const body = { model: OLD, max_tokens: 10, stream: true, container: 'c_1' };
    await (
      await gateway.post(messages, { ...body, messages: [{ role: 'user', content: 'hi' }] }, anthropicHeaders)
    ).text();
    const { attempts, notes } = await gateway.nextRecord();
    expect([attempts.length, notes]).toEqual([3, []]);
  });

  it.each(['fin', 'rst'] as const)('goes on at the same target as one message (%s)', async (how) => {
    gateway = await start([`anthropic/${OLD}`]);
    gateway.provider.once(messages, cutBehind(START, how));
    gateway.provider.once(messages, reply({ text: ` ${REST}` }));
    const told = await ask({ thinking: { type: 'enabled', budget_tokens: 2000 }, max_tokens: 4000 });
    expect(told.error).toBeUndefined();
    // The blank that the prefill could not end with is not there twice.
    expect(told.text).toBe(START + REST);
    expect(kinds(told)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const body = (await gateway.provider.waitForRequest(1)).body as { messages: JsonObject[]; thinking: JsonObject };
    expect(body.messages.at(-1)).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: START.trimEnd() }],
    });
    expect(body.thinking).toEqual({ type: 'disabled' });
    const record = await gateway.nextRecord();
    expect(record.attempts.map(({ outcome, as }) => [outcome, as])).toEqual([
      ['cut', undefined],
      ['answered', 'continuation'],
    ]);
    expect(record.notes).toContainEqual(
      expect.objectContaining({
        action: 'approximated',
        reason: expect.stringMatching(/broke off after 42 char.*went on/),
      }),
    );
    const [first, second] = record.attempts;
    expect(record.usage?.promptTokens).toBe(first?.usage?.promptTokens);
    expect(record.usage?.completionTokens).toBe(
      (first?.usage?.completionTokens ?? 0) + (second?.usage?.completionTokens ?? 0),
    );
  });

  it('goes on at the next target that takes a prefill, in whatever format', async () => {
    gateway = await start(['anthropic/claude-opus-5', 'chat/no-prefill', 'vllm/model']);
    gateway.provider.once(messages, cutBehind(START));
    gateway.provider.once(chat, reply({ text: REST }));
    const told = await ask();
    expect([told.error, told.text]).toEqual([undefined, START + REST]);
    const { body } = await gateway.provider.waitForRequest(1);
    expect(body).toMatchObject({ model: 'model', continue_final_message: true });
    expect(gateway.provider.requests).toHaveLength(2);
  });

  it('may break off again, and then call a tool', async () => {
    gateway = await start([`anthropic/${OLD}`]);
    gateway.provider.once(messages, cutBehind('one '));
    gateway.provider.once(messages, cutBehind(' two '));
    gateway.provider.once(
      messages,
      reply({ text: 'three', toolCalls: [{ id: 'toolu_1', name: 'look', arguments: { at: 'it' } }] }),
    );
    const told = await ask();
    expect([told.error, told.text]).toEqual([undefined, 'one two three']);
    expect(kinds(told)).toEqual([
      'message_start',
      ...['content_block_start', 'content_block_stop', 'content_block_start', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ]);
    expect(told.events.filter(({ type }) => type === 'content_block_start').map(({ index }) => index)).toEqual([0, 1]);
  });

  it('goes on elsewhere where its model begins anew, and does not ask that one again', async () => {
    gateway = await start([`anthropic/${OLD}`, 'vllm/model']);
    gateway.provider.once(messages, cutBehind(START));
    gateway.provider.on(messages, reply({ text: `${START}never ends.` }));
    gateway.provider.on(chat, reply({ text: REST }));
    const told = await ask();
    expect([told.error, told.text]).toEqual([undefined, START + REST]);
    expect(gateway.provider.requests.map(({ path }) => path)).toEqual([messages, messages, chat]);
    const { attempts, notes, target } = await gateway.nextRecord();
    expect(attempts.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      'CUT_STREAM',
      'MALFORMED_REPLY',
      'answered',
    ]);
    expect(target).toBe('vllm/model');
    expect(notes.filter(({ reason }) => reason.includes('went on from there'))).toHaveLength(1);
  });

  it('is the cut where all begin anew', async () => {
    gateway = await start([`anthropic/${OLD}`, 'vllm/model']);
    gateway.provider.once(messages, cutBehind(START));
    gateway.provider.on(messages, reply({ text: `${START}never ends.` }));
    gateway.provider.on(chat, reply({ text: `${START}never ends.` }));
    const told = await ask();
    expect(told.text).toBe(START);
    expect(String(told.error)).toContain(`anthropic/${OLD}: The provider anthropic broke the connection`);
    expect(gateway.provider.requests).toHaveLength(3);
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'CUT_STREAM' } });
  });

  it('is an error where a third part breaks off', async () => {
    gateway = await start([`anthropic/${OLD}`]);
    gateway.provider.on(messages, cutBehind('again '));
    const told = await ask();
    expect(told.error).toBeDefined();
    expect(gateway.provider.requests).toHaveLength(3);
    expect(kinds(told)).not.toContain('message_stop');
  });

  it('is the first error where nobody can go on', async () => {
    gateway = await start([`anthropic/${OLD}`]);
    gateway.provider.once(messages, cutBehind(START));
    gateway.provider.once(messages, providerError(503, { message: 'gone for good' }));
    const told = await ask();
    expect(String(told.error)).toContain('broke');
    expect(String(told.error)).not.toContain('gone for good');
    const record = await gateway.nextRecord();
    expect(record.error?.code).toBe('CUT_STREAM');
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(['cut', 'failed']);
  });
});

describe('F23 a stream that breaks off is never continued', () => {
  const cutTool = (): Responder => {
    const turn = { text: 'I call.', toolCalls: [{ id: 'toolu_1', name: 'look', arguments: { at: 'x'.repeat(50) } }] };
    const { sse: stream } = anthropicTurn(turn, { model: OLD });
    return cutAfter(stream.lastIndexOf('xxxxx'), 'rst', sse(stream));
  };
  const cutReasoning = (): Responder => {
    const { sse: stream } = anthropicTurn({ reasoning: 'hmm '.repeat(40), text: 'so' }, { model: OLD });
    return cutAfter(stream.lastIndexOf('hmm'), 'rst', sse(stream));
  };

  it.each<[string, string[], object, () => Responder]>([
    ['unless the plan says so', [`anthropic/${OLD}`], { retry: { maxRetries: 0 } }, () => cutBehind(START)],
    ['behind a tool call', [`anthropic/${OLD}`], plan, cutTool],
    ['in the middle of reasoning', [`anthropic/${OLD}`], plan, cutReasoning],
    ['by a model that takes no prefill', ['anthropic/claude-opus-5'], plan, () => cutBehind(START)],
  ])('%s', async (_name, targets, policy, fault) => {
    gateway = await start(targets, policy);
    gateway.provider.once(messages, fault());
    gateway.provider.on(messages, reply({ text: 'a second answer' }));
    const told = await ask();
    expect(told.error).toBeDefined();
    expect(told.text).not.toContain('second answer');
    expect(kinds(told)).not.toContain('message_stop');
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it.each([1, 7, 200])('by a model that begins anew (pieces of %i)', async (size) => {
    const again = `${START}never ends at all.`;
    gateway = await start([`anthropic/${OLD}`]);
    gateway.provider.once(messages, cutBehind(START));
    const pieces = again.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
    gateway.provider.on(messages, reply({ text: pieces }));
    const told = await ask();
    expect(told.error).toBeDefined();
    expect(told.text).toBe(START);
    expect(kinds(told)).not.toContain('message_stop');
  });

  it('once the client has left', async () => {
    gateway = await start([`anthropic/${OLD}`]);
    const { sse: stream } = anthropicTurn({ text: START }, { model: OLD });
    gateway.provider.on(messages, drip(stream, { chunkSize: 100, delayMs: 50 }));
    const controller = new AbortController();
    const answer = await fetch(`${gateway.url}${messages}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...anthropicHeaders },
      body: JSON.stringify(messagesBody({ model: OLD, stream: true })),
      signal: controller.signal,
    });
    await answer.body?.getReader().read();
    controller.abort();
    await gateway.nextRecord();
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it('in whole answers, which are tried anew', async () => {
    gateway = await start(['vllm/model'], { ...plan, retry: { baseDelayMs: 1 } });
    gateway.provider.once(chat, cutAfter(20, 'rst', reply({ text: REST })));
    gateway.provider.once(chat, reply({ text: REST }));
    const answer = await gateway.post(messages, messagesBody(), anthropicHeaders);
    expect(await answer.text()).toContain(REST);
  });
});
