import assert from 'node:assert/strict';
import type { Format, StreamRelay } from '@signalbox/kit';
import { coalesce, countsOf, stableIds, usageOfEvents } from './compare.ts';
import type { Fixture } from './fixtures.ts';
import { type FormatOptions, targetContext } from './format-context.ts';
import type { Law } from './law.ts';
import { decodeStream } from './reply-laws.ts';

const ECHO = 'the-model-that-was-asked-for';

export function relayLaws(format: Format, { name, response, stream }: Fixture, options: FormatOptions): Law[] {
  const laws: Law[] = [];
  if (response !== undefined) {
    laws.push({
      name: `${name}: F31 usage that is only read is the usage that is decoded`,
      check: () => {
        const { usage } = format.decodeReply(response, targetContext(format, options));
        assert.deepEqual(countsOf(format.inspectReply(response).usage), countsOf(usage));
      },
    });
  }
  if (stream === undefined) return laws;
  const relay = (echoModel: string | undefined, chunkSize: number) => {
    const side = format.createStreamRelay({ echoModel });
    return { side, bytes: passThrough(side, stream, chunkSize) };
  };
  laws.push(
    {
      name: `${name}: a relayed stream is the same to the byte`,
      check: () => {
        for (const chunkSize of [stream.length, 1, 7, 64]) {
          const { bytes } = relay(undefined, chunkSize);
          assert.ok(bytes.equals(stream), `in chunks of ${chunkSize} bytes`);
        }
      },
    },
    {
      name: `${name}: between frames something else may be written, and at the end of whole frames it is so`,
      check: () => {
        const side = format.createStreamRelay({ echoModel: undefined });
        let out = '';
        for (let at = 0; at < stream.length; at++) {
          out += Buffer.from(side.push(stream.subarray(at, at + 1))).toString('latin1');
          if (side.betweenFrames) assert.match(out, /(^|[\r\n])$/, `after byte ${at}`);
        }
        if (/(\n\n|\r\n\r\n|\r\r)$/.test(out)) assert.ok(side.betweenFrames, 'at the end');
      },
    },
    {
      name: `${name}: the relay sees what the decoder sees: usage, end, error, first content`,
      check: () => {
        const events = decodeStream(format, [stream], options);
        const expected = {
          usage: countsOf(usageOfEvents(events)),
          finished: events.at(-1)?.type === 'message-end',
          failed: events.at(-1)?.type === 'error',
        };
        for (const chunkSize of [stream.length, 1, 7]) {
          const { side } = relay(undefined, chunkSize);
          // A stream that only stops has no error of its own: whoever reads it finds it unfinished.
          const failed = side.error !== undefined || !side.finished;
          assert.deepEqual({ usage: countsOf(side.usage), finished: side.finished, failed }, expected);
          if (events.some((event) => event.type === 'text-delta')) assert.ok(side.committed, 'text commits');
        }
      },
    },
    {
      name: `${name}: a relay that echoes another model changes nothing else`,
      check: () => {
        const before = decodeStream(format, [stream], options).map((event) =>
          event.type === 'message-start' && event.model !== undefined ? { ...event, model: ECHO } : event,
        );
        const wire = Buffer.from(stream).toString();
        for (const chunkSize of [stream.length, 1, 7]) {
          const after = decodeStream(format, [relay(ECHO, chunkSize).bytes], options);
          assert.deepEqual(stableIds(coalesce(after), wire), stableIds(coalesce(before), wire));
        }
      },
    },
  );
  return laws;
}

function passThrough(relay: StreamRelay, stream: Uint8Array, chunkSize: number): Buffer {
  const out: Uint8Array[] = [];
  const keep = (piece: Uint8Array | string) =>
    out.push(typeof piece === 'string' ? Buffer.from(piece) : Uint8Array.from(piece));
  for (let at = 0; at < stream.length; at += chunkSize) keep(relay.push(stream.subarray(at, at + chunkSize)));
  keep(relay.end());
  return Buffer.concat(out);
}
