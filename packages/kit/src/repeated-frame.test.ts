import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RepeatedFrame } from './repeated-frame.ts';

const frame = (text: string, extra: object = {}) =>
  JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: text }, finish_reason: null }], ...extra });

describe('RepeatedFrame', () => {
  it('reads any text from a frame like the learnt one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (first, second) => {
        const frames = new RepeatedFrame();
        frames.learn(frame(first), 'content', first);
        expect(frames.textOf(frame(second))).toBe(second);
      }),
    );
  });

  it('leaves every frame that says more to the parser', () => {
    const frames = new RepeatedFrame();
    expect(frames.textOf(frame('a'))).toBeUndefined();
    frames.learn(frame('a'), 'content', 'a');
    for (const other of [
      frame('b', { usage: {} }),
      frame('b').replace('null', '"stop"'),
      frame('b').replace('"b"', '"b","refusal":"c"'),
      frame('b').replace('"b"', 'null'),
      frame('b').slice(0, -1),
      '',
    ]) {
      expect(frames.textOf(other)).toBeUndefined();
    }
  });

  it('learns nothing from a frame with two places for the text, or with other escapes', () => {
    const frames = new RepeatedFrame();
    frames.learn('{"content":"a","x":{"content":"a"}}', 'content', 'a');
    expect(frames.textOf('{"content":"b","x":{"content":"a"}}')).toBeUndefined();
    frames.learn('{"content":"\\u0061"}', 'content', 'a');
    expect(frames.textOf('{"content":"\\u0062"}')).toBeUndefined();
  });
});
