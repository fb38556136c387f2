import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '@signalbox/spec';
import fc from 'fast-check';
import { collectMessage, mapBatch, mapEvents } from './reply.ts';
import { enforceStopSequences } from './stop-sequences.ts';

function run(
  sequences: string[],
  pieces: string[],
): { text: string; stopSequence: string | undefined; events: StreamEvent[] } {
  const events: StreamEvent[] = [
    { type: 'message-start' },
    { type: 'block-start', index: 0, block: { type: 'text' } },
    ...pieces.map((text) => ({ type: 'text-delta', index: 0, text }) as const),
    { type: 'block-end', index: 0 },
    { type: 'message-end', stopReason: 'end-turn' },
  ];
  const out = mapBatch(events, enforceStopSequences(sequences));
  const reply = collectMessage(out);
  const [block] = reply.content;
  return { text: block?.type === 'text' ? block.text : '', stopSequence: reply.stopSequence, events: out };
}

describe('enforceStopSequences', () => {
  it('ends the reply before the match, and nothing follows', () => {
    const { events } = run(['STOP'], ['one ST', 'OP two', ' three']);
    expect(events).toEqual([
      { type: 'message-start' },
      { type: 'block-start', index: 0, block: { type: 'text' } },
      { type: 'text-delta', index: 0, text: 'one ' },
      { type: 'block-end', index: 0 },
      { type: 'message-end', stopReason: 'stop-sequence', stopSequence: 'STOP' },
    ]);
  });

  it('leaves a reply without a match as it is', () => {
    expect(run(['STOP'], ['one S', 'T', 'ONE ST'])).toMatchObject({ text: 'one STONE ST', stopSequence: undefined });
  });

  it('holds back only what a match could still need', () => {
    const map = enforceStopSequences(['ab', 'xyz']);
    const delta = (text: string): StreamEvent => ({ type: 'text-delta', index: 0, text });
    expect(map(delta('free'))).toEqual(delta('free'));
    expect(map(delta('qa'))).toEqual(delta('q'));
    expect(map(delta('x'))).toEqual(delta('a'));
    expect(map(delta('y'))).toBeUndefined();
    expect(map({ type: 'block-end', index: 0 })).toEqual([delta('xy'), { type: 'block-end', index: 0 }]);
  });

  it('does not match across blocks, nor in tool arguments or reasoning', () => {
    const map = enforceStopSequences(['ab']);
    const events: StreamEvent[] = [
      { type: 'reasoning-delta', index: 0, text: 'ab' },
      { type: 'tool-input-delta', index: 1, json: '"ab"' },
      { type: 'text-delta', index: 2, text: 'a' },
      { type: 'block-end', index: 2 },
      { type: 'text-delta', index: 3, text: 'b' },
    ];
    expect(mapBatch(events, map)).toEqual(events);
  });

  it('keeps the usage of a whole reply that it ends early', () => {
    const reply = mapEvents(
      {
        kind: 'whole',
        message: { content: [{ type: 'text', text: 'a|b' }], stopReason: 'end-turn', usage: { completionTokens: 3 } },
      },
      () => enforceStopSequences(['|']),
    );
    expect(reply).toEqual({
      kind: 'whole',
      message: {
        content: [{ type: 'text', text: 'a' }],
        stopReason: 'stop-sequence',
        stopSequence: '|',
        usage: { completionTokens: 3 },
      },
    });
  });

  it('finds what a token-by-token sampler finds, however the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    const sequence = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1, maxLength: 3 }), fc.array(letters), (sequences, pieces) => {
        const all = pieces.join('');
        let end = 0;
        while (end < all.length && !sequences.some((s) => all.slice(0, end).endsWith(s))) end++;
        const hits = sequences.filter((s) => all.slice(0, end).endsWith(s)).sort((a, b) => b.length - a.length);
        const { text, stopSequence } = run(sequences, pieces);
        expect(stopSequence).toBe(hits[0]);
        expect(text).toBe(hits[0] === undefined ? all : all.slice(0, end - hits[0].length));
      }),
    );
  });

  it('keeps its state to one reply', () => {
    const reply = {
      kind: 'whole',
      message: { content: [{ type: 'text', text: 'xa' }], stopReason: 'end-turn' },
    } as const;
    const create = () => enforceStopSequences(['ab']);
    const mapped = mapEvents(reply, create);
    expect(mapped).toEqual(reply);
    expect(mapEvents(reply, create)).toEqual(mapped);
  });
});
