import { describe, expect, it } from '@jest/globals';
import { type ChatRequest, type Exchange, SignalboxError, type Target } from '@signalbox/kit';
import { callAll, createHooks, tapOnly, wantsTransform } from './hooks.ts';

const target: Target = { provider: 'p', model: 'm' };
const exchange = {} as Exchange;
const request: ChatRequest = { model: 'm', stream: false, system: [], messages: [], tools: [] };

describe('a tap on transformIn that says when', () => {
  it.each(['tap', 'tapPromise', 'tapAsync'] as const)('is skipped while it has nothing to do (%s)', async (method) => {
    const hooks = createHooks();
    let needed = false;
    const options = { name: 'x', when: () => needed };
    const changed = { ...request, model: 'changed' };
    const view = tapOnly(hooks).transformIn;
    if (method === 'tap') view.tap(options, () => changed);
    else if (method === 'tapPromise') view.tapPromise(options, async () => changed);
    else view.tapAsync(options, (_request, _target, _exchange, done) => done(null, changed));

    expect(wantsTransform(hooks, target, exchange)).toBe(false);
    expect(await hooks.transformIn.promise(request, target, exchange)).toBe(request);
    needed = true;
    expect(wantsTransform(hooks, target, exchange)).toBe(true);
    expect(await hooks.transformIn.promise(request, target, exchange)).toBe(changed);
  });

  it('does not speak for the other taps', () => {
    const hooks = createHooks();
    const view = tapOnly(hooks).transformIn;
    view.tap({ name: 'x', when: () => false }, (given) => given);
    expect(wantsTransform(hooks, target, exchange)).toBe(false);
    view.tap('y', (given) => given);
    expect(wantsTransform(hooks, target, exchange)).toBe(true);
  });
});

describe('closing', () => {
  const never = () => new Promise<void>(() => {});

  it('goes on behind a plugin that does not close, and one that fails, and names them all', async () => {
    const hooks = createHooks();
    const view = tapOnly(hooks).close;
    const closed: string[] = [];
    view.tapPromise('log-stuck', never);
    view.tapAsync('log-forgetful', () => {});
    view.tapPromise('log-broken', () => Promise.reject(new Error('its secret reason')));
    view.tapPromise('log-slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      closed.push('slow');
    });
    view.tapAsync('log-old', (done) => {
      closed.push('old');
      done();
    });
    const failure = await callAll(hooks.close, 200).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(closed).toEqual(['slow', 'old']);
    expect(SignalboxError.is(failure) && [failure.code, failure.message]).toEqual([
      'PLUGIN_FAILED',
      'The plugin log-stuck did not close within 200 ms: the gateway goes on without it.\n' +
        'The plugin log-forgetful did not close within 200 ms: the gateway goes on without it.\n' +
        'The plugin log-broken failed in close; the log has the reason.',
    ]);
  });

  it('fails with what a plugin threw', async () => {
    const hooks = createHooks();
    const reason = new Error('no');
    tapOnly(hooks).close.tapPromise('log-broken', () => Promise.reject(reason));
    await expect(callAll(hooks.close, 200)).rejects.toMatchObject({ plugin: 'log-broken', cause: reason });
  });

  it('takes a failure that comes too late for nothing new', async () => {
    const hooks = createHooks();
    let fail = (_error: Error): void => {};
    tapOnly(hooks).close.tapPromise('log-late', () => new Promise((_resolve, reject) => (fail = reject)));
    await expect(callAll(hooks.close, 1)).rejects.toThrow('log-late did not close');
    fail(new Error('late'));
    // An unhandled rejection would fail this run.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
