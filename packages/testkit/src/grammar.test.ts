import { describe, expect, it } from '@jest/globals';
import { BlockSequencer, type StreamEvent } from '@signalbox/kit';
import fc from 'fast-check';
import { checkGrammar } from './grammar.ts';
import { arbitraryStreamEvents } from './laws/index.ts';

const start: StreamEvent = { type: 'message-start' };
const end: StreamEvent = { type: 'message-end', stopReason: 'end-turn' };
const open = (index: number, type: 'text' | 'reasoning' = 'text'): StreamEvent => ({
  type: 'block-start',
  index,
  block: { type },
});
const call: StreamEvent = { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'i', name: 'n' } };
const close = (index: number): StreamEvent => ({ type: 'block-end', index });
const text = (index: number): StreamEvent => ({ type: 'text-delta', index, text: 'x' });
const think: StreamEvent = { type: 'reasoning-delta', index: 0, text: 'x' };
const sign: StreamEvent = { type: 'signature', index: 0, state: { origin: 'o', data: 1 } };
const usage: StreamEvent = { type: 'usage', usage: { promptTokens: 1 } };
const error: StreamEvent = { type: 'error', error: { code: 'X', message: 'x', status: 502, retryable: true } };
const opaque: StreamEvent = { type: 'block-start', index: 0, block: { type: 'opaque', format: 'f', value: {} } };

describe('checkGrammar', () => {
  it.each<[string, StreamEvent[]]>([
    ['an empty message', [start, end]],
    ['blocks one after the other', [start, open(0), text(0), text(0), close(0), usage, open(1), close(1), end]],
    ['signed reasoning', [start, open(0, 'reasoning'), think, sign, close(0), end]],
    ['usage in a block', [start, open(0), usage, close(0), end]],
    ['a tool call', [start, call, { type: 'tool-input-delta', index: 0, json: '{}' }, close(0), usage, end]],
    ['an opaque block', [start, opaque, close(0), end]],
    [
      'a delta of one format',
      [start, open(0), { type: 'extension-delta', index: 0, format: 'f', value: {} }, close(0), end],
    ],
    ['an error at once', [error]],
    ['an error in a block', [start, open(0), text(0), error]],
  ])('takes %s', (_name, events) => {
    expect(() => checkGrammar(events)).not.toThrow();
  });

  it.each<[string, StreamEvent[], RegExp]>([
    ['no start', [end], /event 0 .*no message-start/],
    ['two starts', [start, start, end], /event 1 .*second message-start/],
    ['an end in a block', [start, open(0), end], /block 0 is open/],
    ['an end after the end', [start, end, end], /has ended/],
    ['usage after an error', [start, error, usage], /has ended/],
    ['a block in a block', [start, open(0), open(1), close(1), close(0), end], /block 0 is open/],
    ['a gap in the indexes', [start, open(1), close(1), end], /index 0/],
    ['an index used twice', [start, open(0), close(0), open(0), close(0), end], /index 1/],
    ['a delta of another block', [start, open(0), text(1), close(0), end], /block 0 is open/],
    ['a delta after its block', [start, open(0), close(0), text(0), end], /no block is open/],
    ['a block closed twice', [start, open(0), close(0), close(0), end], /no block is open/],
    ['F01 reasoning in a text block', [start, open(0), think, close(0), end], /is text/],
    ['text in a tool call', [start, call, text(0), close(0), end], /is tool-call/],
    ['a delta in an opaque block', [start, opaque, text(0), close(0), end], /is opaque/],
    ['two signatures', [start, open(0, 'reasoning'), sign, sign, close(0), end], /the last in its block/],
    [
      'reasoning behind its signature',
      [start, open(0, 'reasoning'), sign, think, close(0), end],
      /the last in its block/,
    ],
    ['F21 no end', [start, open(0), text(0)], /stop after 3/],
    ['nothing', [], /stop after 0/],
  ])('refuses %s', (_name, events, message) => {
    expect(() => checkGrammar(events)).toThrow(message);
  });

  it('takes a run that is not over where it is told to', () => {
    expect(() => checkGrammar([start, open(0), text(0)], { ended: false })).not.toThrow();
    expect(() => checkGrammar([start, open(1)], { ended: false })).toThrow();
  });
});

describe('arbitraryStreamEvents', () => {
  it('keeps the grammar', () => {
    fc.assert(fc.property(arbitraryStreamEvents(), (events) => checkGrammar(events)));
    fc.assert(
      fc.property(arbitraryStreamEvents({ reasoningState: { origin: 'o' } }), (events) => checkGrammar(events)),
    );
  });

  it('makes nothing that its features switch off', () => {
    const features = { tools: false, reasoning: false, usage: false, stopReasons: ['end-turn'] } as const;
    fc.assert(
      fc.property(arbitraryStreamEvents(features), (events) => {
        const kinds = new Set(events.map((event) => (event.type === 'block-start' ? event.block.type : event.type)));
        for (const kind of ['tool-call', 'reasoning', 'usage']) expect(kinds).not.toContain(kind);
        expect(events.at(-1)).toEqual(end);
      }),
    );
  });

  it('makes replies of every kind', () => {
    const events = fc.sample(arbitraryStreamEvents({ reasoningState: { origin: 'o' } }), 300).flat();
    const kinds = new Set(events.map(({ type }) => type));
    for (const kind of ['text-delta', 'reasoning-delta', 'signature', 'tool-input-delta', 'usage'])
      expect(kinds).toContain(kind);
    expect(events.some((event) => event.type === 'block-start' && 'redacted' in event.block)).toBe(true);
  });
});

describe('BlockSequencer', () => {
  const key = fc.constantFrom('0', '1', '2');
  const step = fc.oneof(
    fc.string().map((value) => (blocks: BlockSequencer) => blocks.text(value)),
    fc.string().map((value) => (blocks: BlockSequencer) => blocks.reasoning(value)),
    fc
      .boolean()
      .map((redacted) => (blocks: BlockSequencer) => blocks.reasoningState({ origin: 'o', data: 1 }, { redacted })),
    key.map((of) => (blocks: BlockSequencer) => blocks.toolStart(of, 'n')),
    fc.tuple(key, fc.constantFrom('{', '"a":1', '}', '{}')).map(
      ([of, json]) =>
        (blocks: BlockSequencer) =>
          blocks.toolInput(of, json),
    ),
    key.map((of) => (blocks: BlockSequencer) => blocks.toolEnd(of)),
    fc.constant((blocks: BlockSequencer) => blocks.opaque({ type: 'opaque', format: 'f', value: {} })),
    fc.constant((blocks: BlockSequencer) => blocks.close()),
  );

  it('F04 keeps the grammar whatever it is told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const blocks = new BlockSequencer();
        for (const tell of steps) tell(blocks);
        blocks.end({ stopReason: 'end-turn' });
        checkGrammar(blocks.take());
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the words of texts and reasoning in order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const blocks = new BlockSequencer();
        const told: string[] = [];
        for (const [at, tell] of steps.entries()) {
          tell(blocks);
          // No made-up step can say the same: those keep to ASCII.
          const word = `→${at}`;
          if (at % 2 === 0) blocks.text(word);
          else blocks.reasoning(word);
          told.push(word);
        }
        blocks.end({ stopReason: 'end-turn' });
        const events = blocks.take();
        fc.pre(events.every(({ type }) => type !== 'error'));
        const said = events.flatMap((event) =>
          event.type === 'text-delta' || event.type === 'reasoning-delta' ? [event.text] : [],
        );
        expect(said.filter((word) => told.includes(word))).toEqual(told);
      }),
      { numRuns: 500 },
    );
  });
});
