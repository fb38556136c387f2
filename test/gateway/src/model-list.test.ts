import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin } from '@signalbox/kit';
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

  it('F97 tells the size of a window', async () => {
    gateway = await start();
    const chat = await list({ authorization: 'Bearer x' });
    const anthropic = await list(anthropicHeaders);
    expect(chat.data.find(({ id }) => id === 'fast')?.context_length).toBe(123_456);
    expect(anthropic.data.find(({ id }) => id === 'big')?.max_input_tokens).toBe(123_456);
  });
});
