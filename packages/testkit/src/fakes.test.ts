import { describe, expect, it } from '@jest/globals';
import { definePlugin, errors, type Format, type HttpProvider, Stage, stateKey } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from './index.ts';

describe('fakeHost', () => {
  it('remembers what a plugin did', async () => {
    const plugin = definePlugin({
      name: 'log-x',
      apply: (host) => {
        host.hooks.transformIn.tap({ name: 'late', stage: Stage.Late }, (request) => request);
        host.hooks.transformIn.tap('log-x', (request) => request);
        host.hooks.log.tap('log-x', () => {});
        host.addFormat({ id: 'f' } as Format);
        host.addProvider('p', {} as HttpProvider);
        host.addModels(() => [{ id: 'm' }]);
        host.log.warn({ a: 1 }, 'careful');
      },
    });
    const host = await applyPlugin(plugin, {}, fakeHost({ env: { A: '1' } }));
    expect(host.taps).toEqual([
      { hook: 'transformIn', name: 'log-x', stage: 0 },
      { hook: 'transformIn', name: 'late', stage: Stage.Late },
      { hook: 'log', name: 'log-x', stage: 0 },
    ]);
    expect(host.formats.map(({ id }) => id)).toEqual(['f']);
    expect([host.hasProvider('p'), host.hasProvider('q')]).toEqual([true, false]);
    expect(host.models()).toEqual([{ id: 'm' }]);
    expect(host.logged).toEqual([{ level: 'warn', fields: { a: 1 }, message: 'careful' }]);
    expect(host.env.A).toBe('1');
    await expect(applyPlugin(plugin, {}, host)).rejects.toThrow('provider p already');
  });

  it('calls its hooks as the core does', async () => {
    const plugin = definePlugin({
      name: 'auth-x',
      apply: ({ hooks }) => {
        hooks.auth.tapPromise('auth-x', async ({ headers }) => {
          if (headers.authorization === 'bad') throw errors.unauthenticated('No.');
          return headers.authorization === undefined ? undefined : { id: headers.authorization };
        });
      },
    });
    const { hooks } = await applyPlugin(plugin);
    expect(await hooks.auth.promise(fakeExchange())).toBeUndefined();
    expect(await hooks.auth.promise(fakeExchange({ headers: { authorization: 'me' } }))).toEqual({ id: 'me' });
    await expect(hooks.auth.promise(fakeExchange({ headers: { authorization: 'bad' } }))).rejects.toThrow('No.');
  });

  it('takes no plugin for a plugin', async () => {
    await expect(applyPlugin({} as never)).rejects.toThrow(TypeError);
  });
});

describe('fakeExchange', () => {
  it('follows from its request', () => {
    const exchange = fakeExchange({ request: { model: 'm', stream: true }, path: '/x' });
    expect(exchange).toMatchObject({ model: 'm', stream: true, path: '/x', operation: 'chat' });
    expect(JSON.parse(exchange.rawBody.toString())).toMatchObject({ model: 'm' });
    expect(exchange.estimatePromptTokens()).toBeGreaterThan(0);
    expect(fakeExchange({ estimatePromptTokens: () => 7 }).estimatePromptTokens()).toBe(7);
  });

  it('keeps the state of each plugin, for itself', () => {
    const key = stateKey(() => new Set<string>());
    const [one, two] = [fakeExchange(), fakeExchange()];
    one.state(key).add('x');
    expect([one.state(key).size, two.state(key).size, one.state(stateKey(() => 5))]).toEqual([1, 0, 5]);
    expect(one.id).not.toBe(two.id);
  });
});
