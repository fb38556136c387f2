import assert from 'node:assert/strict';
import { type Format, type JsonObject, type JsonValue, Notes, SignalboxError } from '@signalbox/kit';
import fc from 'fast-check';
import { checkGrammar } from '../grammar.ts';
import type { Fixture } from './fixtures.ts';
import { type FormatOptions, targetContext } from './format-context.ts';
import type { Law } from './law.ts';
import { decodeStream } from './reply-laws.ts';

/** Whatever a provider or client sends, a codec answers with events or with one of our errors. */
export function robustnessLaws(format: Format, fixtures: readonly Fixture[], options: FormatOptions): Law[] {
  const { runs: numRuns = 100 } = options;
  const decodes = (chunks: readonly Uint8Array[]) => checkGrammar(decodeStream(format, chunks, options));
  const streams = fixtures.flatMap(({ stream }) => (stream === undefined ? [] : [Buffer.from(stream)]));
  const bodies = fixtures.flatMap(({ request, response }) => [request ?? [], response ?? []].flat());
  const laws: Law[] = [
    {
      name: 'any bytes are decoded to events that keep the grammar',
      check: () => fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), decodes), { numRuns }),
    },
    {
      name: 'any JSON in a frame is decoded to events that keep the grammar',
      check: () => {
        const frame = fc.json().map((json) => `data: ${json}\n\n`);
        fc.assert(
          fc.property(fc.array(frame, { maxLength: 5 }), (frames) => decodes(frames.map((text) => Buffer.from(text)))),
          { numRuns },
        );
      },
    },
    {
      name: 'any JSON object is a reply or an error of ours, and so is any request',
      check: () =>
        fc.assert(
          fc.property(jsonObject(bodies), (body) => {
            orOurs(() => format.decodeReply(body, targetContext(format, options)));
            orOurs(() => format.decodeRequest(body, { headers: {}, notes: new Notes() }));
            assert.ok(SignalboxError.is(format.decodeError(400, {}, JSON.stringify({ error: body }))));
          }),
          { numRuns: numRuns * 2 },
        ),
    },
    {
      name: 'any error body is an error of ours with a status of 400 or more',
      check: () =>
        fc.assert(
          fc.property(fc.integer({ min: 400, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
            const error = format.decodeError(status, {}, body);
            assert.ok(SignalboxError.is(error) && error.status >= 400, `status ${error.status}`);
          }),
          { numRuns },
        ),
    },
    {
      name: 'any bytes go through the relay untouched',
      check: () =>
        fc.assert(
          fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
            const relay = format.createStreamRelay({ echoModel: undefined });
            const out = [...chunks.map((chunk) => Buffer.from(relay.push(chunk))), Buffer.from(relay.end())];
            assert.ok(Buffer.concat(out).equals(Buffer.concat(chunks)));
          }),
          { numRuns },
        ),
    },
  ];
  if (streams.length > 0) {
    laws.push({
      name: 'F03 F21 frames that are lost, repeated or out of order still give events that keep the grammar',
      check: () => {
        const shuffled = fc.constantFrom(...streams).chain((stream) => {
          const frames = stream.toString().split(/(?<=\n\n|\r\n\r\n)/);
          return fc.array(fc.constantFrom(...frames), { maxLength: frames.length + 3 });
        });
        fc.assert(
          fc.property(shuffled, (frames) => decodes([Buffer.from(frames.join(''))])),
          { numRuns: numRuns * 2 },
        );
      },
    });
  }
  return laws;
}

/** Words that every object seems to know, an object that cannot be printed as text, and one that would set a prototype. */
const HOSTILE: readonly JsonValue[] = [
  ...['constructor', 'toString', '__proto__'],
  ...[{ toString: 1, valueOf: null }, [{ toString: 1 }]],
  JSON.parse('{"__proto__":{"type":"text","text":"t"}}') as JsonValue,
];

/** Made-up objects, and real ones with one of their parts replaced. */
function jsonObject(bodies: readonly JsonObject[]): fc.Arbitrary<JsonObject> {
  const value = fc.oneof({ arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 2 }, fc.constantFrom(...HOSTILE));
  const made = fc.dictionary(fc.string(), value) as fc.Arbitrary<JsonObject>;
  if (bodies.length === 0) return made;
  const damaged = fc.constantFrom(...bodies).chain((body) => {
    const paths = pathsOf(body);
    return fc
      .tuple(fc.constantFrom(...paths), value)
      .map(([path, other]) => replaceAt(body, path, other) as JsonObject);
  });
  return fc.oneof(made, { arbitrary: damaged, weight: 3 });
}

type Path = readonly string[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return at.length === 0 ? [] : [at];
  const inner = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...at, key]));
  return at.length === 0 ? (inner.length === 0 ? [['x']] : inner) : [at, ...inner];
}

function replaceAt(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[key] = replaceAt(copy[key], rest, other);
  return copy;
}

function orOurs(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!SignalboxError.is(error)) throw error;
    assert.ok(error.status >= 400);
  }
}
