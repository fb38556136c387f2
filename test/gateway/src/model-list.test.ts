import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin } from '@signalbox/kit';
import catalogue from '@signalbox/model-catalogue';
import routeScenarios from '@signalbox/route-scenarios';
import { reply } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

interface List {
  data: { id: string; display_name?: string; max_input_tokens?: number; context_length?: number }[];
  first_id?: string;
}

const facts = definePlugin({
  name: 'facts',
  apply: (host) => {
    host.addModels(() => [{ id: 'fast', displayName: 'Fast' }, { id: 'claude-test' }]);
    host.addModelFacts(({ model }) => ({ id: model, contextTokens: 123_456 }));
  },
});
const start = () =>
  startTestGateway({
    targets: ['chat/gpt-test'],
    plugins: [
      [facts],
      [routeScenarios, { models: { fast: 'chat/quick', big: 'anthropic/claude-big' }, default: 'chat/gpt-test' }],
    ],
  });
const list = async (headers: Record<string, string>) =>
  (await (await fetch(`${gateway.url}/v1/models?limit=1000`, { headers })).json()) as List;
const picker = { ...anthropicHeaders, 'user-agent': 'claude-code/2.1.330' };

describe('the list of models', () => {
  it('has a name for Claude Code’s picker for every model, which shows Claude’s only', async () => {
    gateway = await start();
    const { data, first_id: first } = await list(picker);
    expect(data.map(({ id, display_name: name }) => [id, name])).toEqual(
      expect.arrayContaining([
        ['claude:fast', 'Fast'],
        ['claude-test', 'claude-test'],
      ]),
    );
    expect(data.every(({ id }) => /^(claude|anthropic)/.test(id))).toBe(true);
    expect(first).toBe(data[0]?.id);
    expect((await list(anthropicHeaders)).data.map(({ id }) => id)).toContain('fast');
  });

  it.each([
    ['claude:fast', 'quick', '/v1/chat/completions', 'canonical'],
    ['claude:big', 'claude-big', '/v1/messages', 'pass-through'],
    ['claude:anthropic/claude-big', 'claude-big', '/v1/messages', 'pass-through'],
    ['claude:claude-big', 'gpt-test', '/v1/chat/completions', 'canonical'],
  ])('takes %s back', async (model, expected, path, lane) => {
    gateway = await start();
    gateway.provider.on(path, reply({ text: 'hello' }));
    const answer = await gateway.post('/v1/messages', messagesBody({ model }), picker);
    expect(answer.headers.get('x-signalbox-lane')).toBe(lane);
    expect(gateway.provider.requests[0]?.body?.model).toBe(expected);
  });

  it('has what the catalogue knows of its providers, behind what the config names', async () => {
    gateway = await startTestGateway({
      targets: ['anthropic/claude-own'],
      plugins: [[catalogue, { cacheFile: '/dev/null', refreshHours: 0 }], [facts]],
    });
    const ids = (await list({ authorization: 'Bearer x' })).data.map(({ id }) => id);
    expect(ids.slice(0, 2)).toEqual(['fast', 'claude-test']);
    expect(ids).toContain('anthropic/claude-opus-4-8');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.some((id) => id.startsWith('openrouter/'))).toBe(false);
    const one = await fetch(`${gateway.url}/v1/models/anthropic%2Fclaude-opus-4-8`, { headers: anthropicHeaders });
    expect(await one.json()).toMatchObject({ id: 'anthropic/claude-opus-4-8', max_input_tokens: 1_000_000 });
    const picked = (await list(picker)).data;
    expect(picked[0]?.id).toBe('claude:fast');
    expect(picked.length).toBeLessThanOrEqual(60);
  });

  it('F97 tells the size of a window', async () => {
    gateway = await start();
    const chat = await list({ authorization: 'Bearer x' });
    const anthropic = await list(anthropicHeaders);
    expect(chat.data.find(({ id }) => id === 'fast')?.context_length).toBe(123_456);
    expect(anthropic.data.find(({ id }) => id === 'big')?.max_input_tokens).toBe(123_456);
  });
});
