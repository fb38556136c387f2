import { describe, expect, it } from '@jest/globals';
import { SignalboxError } from '@signalbox/kit';
import { newTarget } from './contexts.ts';
import { heapMiB } from './heap.ts';
import { subjects } from './subjects.ts';

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(MIB, 'x');
/** More than any line may have, and as much again. */
const PIECES = 80;

describe.each(subjects)('a line without an end', ({ format, streams }) => {
  const [begun = Buffer.alloc(0)] = streams.flatMap(({ data, print }) =>
    data.length > 4 ? [Buffer.concat(data.slice(0, 4).map(print))] : [],
  );
  const line = Buffer.from(format.id === 'ollama' ? '{"model":"' : 'data: {"model":"');

  it(`is a broken answer of ${format.id}, and not kept`, async () => {
    const decoder = format.createStreamDecoder(newTarget(format, 'm'));
    const events = [...decoder.push(begun), ...decoder.push(line)];
    const before = await heapMiB();
    for (let piece = 0; piece < PIECES; piece++) events.push(...decoder.push(PIECE));
    expect((await heapMiB()) - before).toBeLessThan(PIECES / 2);
    events.push(...decoder.end());
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'MALFORMED_REPLY' } });
  });

  it.each([undefined, 'asked-for'])(`passes by a relay of ${format.id} as it is: %s`, (echoModel) => {
    const relay = format.createStreamRelay({ echoModel });
    let given = relay.push(begun).length + relay.push(line).length;
    for (let piece = 0; piece < PIECES; piece++) given += relay.push(PIECE).length;
    expect(SignalboxError.is(relay.error)).toBe(true);
    // It does not wait for an end that does not come.
    expect(given).toBeGreaterThan(PIECES * MIB);
    expect(relay.end().length).toBeLessThan(33 * MIB);
  });

  it(`may have a name of any length in ${format.id}`, () => {
    const relay = format.createStreamRelay({ echoModel: 'asked-for' });
    const out = [relay.push(begun), relay.push(line)];
    for (let piece = 0; piece < 20; piece++) out.push(relay.push(PIECE));
    out.push(relay.push(Buffer.from('"}\n\n')), relay.end());
    expect(out.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(0);
  });
});
