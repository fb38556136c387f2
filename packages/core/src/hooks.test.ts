import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, Exchange, Target } from '@signalbox/kit';
import { createHooks, tapOnly, wantsTransform } from './hooks.ts';

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
