import { describe, expect, it } from '@jest/globals';
import { createThoughts, Origins } from './origins.ts';

const claude = { provider: 'anthropic', origin: 'anthropic' };
const router = { provider: 'router', origin: 'openrouter' };

describe('Origins', () => {
  it('knows who said a text, to the caller who got it', () => {
    const origins = new Origins({ ttlMs: 1_000, maxEntries: 10 });
    origins.keep('me', 'Hm, a heron.', claude);
    expect(origins.of('me', 'Hm, a heron.', 'deepseek')).toEqual(claude);
    expect(origins.of('me', 'Hm,  a heron.\n', 'deepseek')).toEqual(claude);
    expect(origins.of('you', 'Hm, a heron.', 'deepseek')).toBeUndefined();
    expect(origins.of('me', 'Hm, an owl.', 'deepseek')).toBeUndefined();
    origins.keep('me', ' ', claude);
    expect(origins.size).toBe(1);
  });

  it('takes a text that several have said for the provider’s own', () => {
    const origins = new Origins({ ttlMs: 1_000, maxEntries: 10 });
    for (const source of [claude, router, claude]) origins.keep('me', 'Hm.', source);
    expect(origins.of('me', 'Hm.', 'router')).toEqual(router);
    expect(origins.of('me', 'Hm.', 'anthropic')).toEqual(claude);
    expect(origins.of('me', 'Hm.', 'deepseek')).toEqual(claude);
    expect(origins.size).toBe(1);
  });

  it('forgets what was not used for long enough, and the oldest where there are too many', () => {
    let now = 0;
    const origins = new Origins({ ttlMs: 1_000, maxEntries: 2 }, createThoughts(), () => now);
    for (const text of ['one', 'two', 'three']) origins.keep('me', text, text === 'two' ? router : claude);
    expect(['one', 'two', 'three'].map((text) => origins.of('me', text, 'x') !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    now = 900;
    expect(origins.of('me', 'two', 'x')).toEqual(router);
    now = 1_500;
    expect([origins.of('me', 'two', 'x'), origins.of('me', 'three', 'x')]).toEqual([router, undefined]);
    expect([origins.holdsOthers('router'), origins.holdsOthers('anthropic')]).toEqual([false, true]);
    now = 9_000;
    expect(origins.of('me', 'two', 'x')).toBeUndefined();
    expect([origins.size, origins.holdsOthers('x')]).toEqual([0, false]);
  });
});
