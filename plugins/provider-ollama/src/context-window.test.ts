import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ContextWindows, type WindowNeeds } from './context-window.ts';

const needs = (more: Partial<WindowNeeds> = {}): WindowNeeds => ({
  model: 'qwen3:8b',
  promptTokens: 100,
  denseTokens: 120,
  maxOutputTokens: undefined,
  asked: undefined,
  usual: undefined,
  limit: undefined,
  ...more,
});

describe('the window', () => {
  it.each<[string, Partial<WindowNeeds>, number]>([
    ['has a smallest size', {}, 8_192],
    ['doubles until prompt and answer fit', { promptTokens: 9_000, denseTokens: 9_000 }, 16_384],
    ['is sized by the denser estimate', { denseTokens: 30_000 }, 65_536],
    ['has room for what the client lets the model say', { promptTokens: 7_000, maxOutputTokens: 500 }, 8_192],
    ['has room for a long answer, but not for the longest', { promptTokens: 7_000, maxOutputTokens: 64_000 }, 16_384],
    ['ends at the model’s own', { promptTokens: 30_000, limit: 32_768 }, 32_768],
    ['starts with the Modelfile’s', { usual: 20_000 }, 20_000],
    ['is the client’s where the prompt fits', { asked: 2_048 }, 2_048],
    ['is larger than the client’s where it does not', { asked: 2_048, promptTokens: 5_000, denseTokens: 5_000 }, 8_192],
  ])('%s', (_name, more, expected) => {
    expect(new ContextWindows().sizeFor(needs(more))).toBe(expected);
  });

  it('F10 refuses a prompt that is larger than the model’s context, in the words that make agents compact', () => {
    const ask = () => new ContextWindows().sizeFor(needs({ promptTokens: 40_000, limit: 32_768 }));
    expect(ask).toThrow('prompt is too long: 40000 tokens > 32768 maximum');
    expect(ask).toThrow(expect.objectContaining({ code: 'CONTEXT_OVERFLOW', status: 400 }));
  });

  it('never shrinks while the model is in use, because that would load it anew', () => {
    let now = 0;
    const windows = new ContextWindows(() => now);
    expect(windows.sizeFor(needs({ denseTokens: 50_000 }))).toBe(65_536);
    now += 60_000;
    expect(windows.sizeFor(needs())).toBe(65_536);
    expect(windows.sizeFor(needs({ model: 'other' }))).toBe(8_192);
    now += 6 * 60_000;
    expect(windows.sizeFor(needs())).toBe(8_192);
  });

  it('always holds the prompt, and a growing conversation loads the model a few times at most', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_000 }), { maxLength: 60 }), (growth) => {
        const windows = new ContextWindows();
        const sizes = new Set<number>();
        let prompt = 0;
        for (const more of growth) {
          prompt += more;
          const size = windows.sizeFor(needs({ promptTokens: prompt, denseTokens: prompt, limit: 200_000 }));
          sizes.add(size);
          expect(size).toBeGreaterThanOrEqual(prompt);
        }
        expect(sizes.size).toBeLessThanOrEqual(6);
      }),
    );
  });
});
