import assert from 'node:assert/strict';
import { type Block, collectMessage, type Format, type JsonObject, type StreamEvent } from '@signalbox/kit';
import { checkGrammar } from '../grammar.ts';
import { closedCalls, coalesce, type Essence, essence, stableIds } from './compare.ts';
import type { Fixture } from './fixtures.ts';
import { type FormatOptions, targetContext } from './format-context.ts';
import { deepFreeze, type Law } from './law.ts';

/** Streams longer than this are not cut at every byte but at so many evenly spread ones. */
const MAX_CUTS = 16_384;

export function replyLaws(format: Format, fixture: Fixture, options: FormatOptions): Law[] {
  const { name, response, stream, expected } = fixture;
  const laws: Law[] = [];
  if (response !== undefined) {
    laws.push({
      name: `${name}: a whole reply is decoded, and left as it was`,
      check: () => void format.decodeReply(deepFreeze(response), targetContext(format, options)),
    });
  }
  if (stream !== undefined) laws.push(...streamLaws(format, name, stream, options));
  if (expected !== undefined) {
    laws.push({
      name: `${name}: the reply says what it is known to say`,
      check: () => {
        const said = [
          ...(response === undefined ? [] : [format.decodeReply(response, targetContext(format, options))]),
          ...(stream === undefined ? [] : [collectMessage(decodeStream(format, [stream], options))]),
        ];
        for (const reply of said) {
          const all: Partial<Essence> = essence(reply);
          for (const key of ['content', 'stopReason', 'usage'] as const) {
            if (key in expected) assert.deepEqual(all[key], expected[key], key);
          }
        }
      },
    });
  }
  if (response !== undefined && stream !== undefined) {
    laws.push({
      name: `${name}: the whole reply says what the stream says`,
      check: () => {
        const whole = format.decodeReply(response, targetContext(format, options));
        const streamed = collectMessage(decodeStream(format, [stream], options));
        assert.deepEqual(essence(whole), essence(streamed));
      },
    });
  }
  return laws;
}

function streamLaws(format: Format, name: string, stream: Uint8Array, options: FormatOptions): Law[] {
  const wire = Buffer.from(stream).toString();
  const decode = (...chunks: Uint8Array[]) => stableIds(coalesce(decodeStream(format, chunks, options)), wire);
  const eachCut = (check: (at: number) => void) => {
    const step = Math.ceil(stream.length / MAX_CUTS);
    for (let at = 0; at < stream.length; at += step) check(at);
  };
  return [
    {
      name: `${name}: the events of the stream keep the grammar`,
      check: () => checkGrammar(decode(stream)),
    },
    {
      name: `${name}: F13 the stream gives the same events wherever it is cut in two`,
      check: () => {
        const events = decode(stream);
        eachCut((at) =>
          assert.deepEqual(decode(stream.subarray(0, at), stream.subarray(at)), events, `cut at byte ${at}`),
        );
      },
    },
    {
      name: `${name}: F13 the stream gives the same events byte by byte`,
      check: () => {
        const bytes = Array.from(stream, (_byte, at) => stream.subarray(at, at + 1));
        assert.deepEqual(decode(...bytes), decode(stream));
      },
    },
    {
      name: `${name}: F21 a stream that breaks off ends with an error, or has said everything`,
      check: () => {
        const events = decode(stream);
        const whole = events.at(-1)?.type === 'message-end' ? essence(collectMessage(events)) : undefined;
        eachCut((at) => {
          const cut = decode(stream.subarray(0, at));
          checkGrammar(cut);
          if (cut.at(-1)?.type !== 'message-end') return;
          const { content, stopReason } = essence(collectMessage(cut));
          assert.deepEqual(
            { content, stopReason },
            whole && { content: whole.content, stopReason: whole.stopReason },
            `cut at byte ${at}`,
          );
        });
      },
    },
    {
      name: `${name}: F11 a stream that breaks off closes no tool call whose arguments are incomplete`,
      check: () => {
        const whole = closedCalls(decode(stream));
        eachCut((at) => {
          for (const [index, json] of closedCalls(decode(stream.subarray(0, at)))) {
            assert.equal(json, whole.get(index), `block ${index}, cut at byte ${at}`);
          }
        });
      },
    },
  ];
}

/** All events of these chunks and the end of the stream. */
export function decodeStream(format: Format, chunks: readonly Uint8Array[], options: FormatOptions): StreamEvent[] {
  const decoder = format.createStreamDecoder(targetContext(format, options));
  const events: StreamEvent[] = [];
  for (const chunk of chunks) events.push(...decoder.push(chunk));
  events.push(...decoder.end());
  return events;
}

/** The blocks that a finished stream has. */
export function contentOf(events: readonly StreamEvent[]): readonly Block[] {
  return collectMessage(events).content;
}

export function callIn(content: readonly Block[]): (Block & { type: 'tool-call' }) | undefined {
  return content.find((block) => block.type === 'tool-call');
}

/** A body as it comes out of the wire. */
export function jsonOf(body: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(body)) as JsonObject;
}
