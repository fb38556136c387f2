import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, Plugin } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import affinity from '@signalbox/route-affinity';
import balance from '@signalbox/route-balance';
import context from '@signalbox/route-context';
import fallback from '@signalbox/route-fallback';
import rules from '@signalbox/route-rules';
import scenarios from '@signalbox/route-scenarios';
import { providerError, reply } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const CHAT = '/v1/chat/completions';

/** The providers `a` and `b`, which are one. */
const providers = (url: string, apiKeys: string[] = ['k']): readonly (readonly [Plugin, JsonObject])[] =>
  ['a', 'b'].map((name) => [providerCompatible, { name, baseUrl: `${url}/v1`, apiKeys }]);

async function start(routes: JsonObject, fallbacks: JsonObject, { keys = ['k1'] as string[] } = {}): Promise<void> {
  gateway = await startTestGateway({
    plugins: (url) => [
      ...providers(url, keys),
      [scenarios, routes],
      [balance],
      [fallback, fallbacks],
      [context],
      [affinity],
    ],
  });
  gateway.provider.on(CHAT, reply({ text: 'Done.' }));
}

/** Where a request of the one session came out, with the key. */
async function ask(body: object): Promise<string> {
  await (await gateway.post('/v1/messages', body, { ...anthropicHeaders, 'x-claude-code-session-id': 's' })).text();
  const { target } = await gateway.nextRecord();
  return String(target);
}
const key = () => gateway.provider.requests.at(-1)?.headers.authorization;

const turn = messagesBody();
const thinking = messagesBody({ thinking: { type: 'adaptive' } });
const title = messagesBody({
  system: [{ type: 'text', text: 'You are evaluating a stop-condition hook.' }],
});
const long = messagesBody({ messages: [{ role: 'user', content: 'word '.repeat(3_000) }] });

describe('a session with affinity', () => {
  it('goes on at its own target after a title, though that is its fallback', async () => {
    await start({ default: 'b/main', background: 'a/small' }, { fallbacks: { '*': ['a/small'] } });
    const targets = [];
    for (const body of [turn, title, turn, title, turn]) targets.push(await ask(body));
    expect(targets).toEqual(['b/main', 'a/small', 'b/main', 'a/small', 'b/main']);
  });

  it('thinks where thinking goes, whatever answered before, in either order', async () => {
    const routes = { default: 'b/main', think: 'a/strong' };
    await start(routes, { default: ['a/strong', 'b/main'] });
    const targets = [];
    for (const body of [turn, thinking, turn, thinking, thinking, turn]) targets.push(await ask(body));
    expect(targets).toEqual(['b/main', 'a/strong', 'b/main', 'a/strong', 'a/strong', 'b/main']);
  });

  it('crosses into longContext and back', async () => {
    const routes = { default: 'b/main', longContext: { target: 'a/long', thresholdTokens: 1_000 } };
    await start(routes, { default: ['a/long', 'b/main'] });
    const targets = [];
    for (const body of [turn, long, long, turn]) targets.push(await ask(body));
    expect(targets).toEqual(['b/main', 'a/long', 'a/long', 'b/main']);
  });

  it('keeps the key of each of its scenarios while others are spread', async () => {
    await start(
      { default: 'b/main', think: 'a/strong' },
      { default: ['a/strong', 'b/main'] },
      { keys: ['1', '2', '3'] },
    );
    const keys: Record<string, Set<unknown>> = {};
    for (const body of [turn, thinking, turn, thinking, turn, thinking, turn]) {
      const target = await ask(body);
      keys[target] = (keys[target] ?? new Set()).add(key());
    }
    expect(Object.fromEntries(Object.entries(keys).map(([target, used]) => [target, used.size]))).toEqual({
      'b/main': 1,
      'a/strong': 1,
    });
  });

  it.each<[string, readonly [Plugin, JsonObject]]>([
    ['shares of a rule', [rules, { rules: [{ to: ['a/x', 'b/y', 'a/z'].map((target) => ({ target, weight: 1 })) }] }]],
    ['a group', [balance, { groups: { 'claude-test': { targets: ['a/x', 'b/y', 'a/z'] } } }]],
  ])('without a name stays at what was drawn first from %s', async (_, strategy) => {
    gateway = await startTestGateway({
      plugins: (url) => [...providers(url), strategy, [affinity]],
    });
    gateway.provider.on(CHAT, reply({ text: 'Done.' }));
    const firsts = new Set<string>();
    for (let person = 0; person < 9; person++) {
      const messages = [{ role: 'user', content: `I am number ${person}.` }];
      const targets = new Set<string>();
      for (let times = 0; times < 5; times++) {
        await (await gateway.post('/v1/messages', messagesBody({ messages }), anthropicHeaders)).text();
        targets.add(String((await gateway.nextRecord()).target));
        messages.push({ role: 'assistant', content: 'Done.' }, { role: 'user', content: 'Go on.' });
      }
      expect(targets.size).toBe(1);
      for (const target of targets) firsts.add(target);
    }
    expect(firsts.size).toBeGreaterThan(1);
  });

  it('stays where a fallback answered, in that scenario alone', async () => {
    const routes = { default: 'b/main', think: 'b/strong' };
    await start(routes, { retry: { maxRetries: 0 }, fallbacks: { '*': ['a/small'] } });
    gateway.provider.once(CHAT, providerError(500, { message: 'no' }));
    const targets = [];
    for (const body of [turn, turn, thinking, turn]) targets.push(await ask(body));
    expect(targets).toEqual(['a/small', 'a/small', 'b/strong', 'a/small']);
  });
});
