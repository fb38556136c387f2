import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '@signalbox/spec';
import { mapBatch } from '../reply.ts';
import { leaveOutNulls } from './leave-out-nulls.ts';
import { NullPlace } from './null-places.ts';

const place = new NullPlace();
place.added.add('a');
const added = { answer: place, tools: new Map([['f', place]]) };

const start = (block: Extract<StreamEvent, { type: 'block-start' }>['block']): StreamEvent => ({
  type: 'block-start',
  index: 0,
  block,
});
const call = (name: string) => start({ type: 'tool-call', id: 'c', name });
const end: StreamEvent = { type: 'block-end', index: 0 };
const json = (...pieces: string[]): StreamEvent[] =>
  pieces.map((piece) => ({ type: 'tool-input-delta', index: 0, json: piece }));
const text = (...pieces: string[]): StreamEvent[] =>
  pieces.map((piece) => ({ type: 'text-delta', index: 0, text: piece }));

describe('leaveOutNulls', () => {
  it('goes through the arguments of the tools that it knows, each call by itself', () => {
    const events = [call('f'), ...json('{"a":nu', 'll,"b":1}'), end, call('f'), ...json('{"b":null}'), end];
    expect(mapBatch(events, leaveOutNulls(added))).toEqual([
      ...[call('f'), ...json('{', '"b":1}'), end],
      ...[call('f'), ...json('{"b":null}'), end],
    ]);
    const other = [call('g'), ...json('{"a":null}'), end];
    expect(mapBatch(other, leaveOutNulls(added))).toEqual(other);
  });

  it('goes through the text of the answer, but not through a refusal, nor where the answer has no schema', () => {
    const said = [start({ type: 'text' }), ...text('{"a":null}'), end];
    expect(mapBatch(said, leaveOutNulls(added))).toEqual([start({ type: 'text' }), ...text('{}'), end]);
    const refusal = [start({ type: 'text', refusal: true }), ...text('{"a":null}'), end];
    expect(mapBatch(refusal, leaveOutNulls(added))).toEqual(refusal);
    expect(mapBatch(said, leaveOutNulls({ tools: added.tools }))).toEqual(said);
  });

  it('gives the rest of what was cut before the block ends', () => {
    const cut = [call('f'), ...json('{"b":1,"a":n'), end];
    expect(mapBatch(cut, leaveOutNulls(added))).toEqual([call('f'), ...json('{"b":1', ',"a":n'), end]);
  });
});
