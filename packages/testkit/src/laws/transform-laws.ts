import assert from 'node:assert/strict';
import {
  type ChatReply,
  type ChatRequest,
  collectMessage,
  type JsonObject,
  messageToEvents,
  type Plugin,
  parseTarget,
  type Reply,
  type StreamEvent,
} from '@signalbox/kit';
import { type FakeExchangeOptions, fakeExchange } from '../fake-exchange.ts';
import { applyPlugin } from '../fake-host.ts';
import { checkGrammar } from '../grammar.ts';
import { coalesce, essence } from './compare.ts';
import { deepFreeze, type Law } from './law.ts';
import { schemaLaws } from './schema-laws.ts';

export interface RequestCase {
  name: string;
  request: Partial<ChatRequest>;
  /** As `provider/model`. */
  target?: string;
  /** What of the request is different afterwards; `undefined`: it is the very same object. */
  expect: Partial<ChatRequest> | undefined;
  /** Paths of the notes that are added, in order. */
  notes?: readonly string[];
}

export interface ReplyCase {
  name: string;
  reply: ChatReply;
  exchange?: FakeExchangeOptions;
  /** What of the reply is different afterwards; `undefined`: nothing. */
  expect: Partial<ChatReply> | undefined;
}

export interface TransformOptions {
  config: JsonObject;
  requests?: readonly RequestCase[];
  replies?: readonly ReplyCase[];
}

/** What a transform owes: inputs stay as they are, and streams come out as whole replies do. */
export function transformLaws(plugin: Plugin, { config, requests = [], replies = [] }: TransformOptions): Law[] {
  const apply = () => applyPlugin(plugin, deepFreeze(config));
  return [
    ...schemaLaws(plugin),
    ...requests.map(({ name, request, target = 'some-provider/some-model', expect, notes }) => ({
      name,
      check: async () => {
        const { hooks } = await apply();
        const exchange = fakeExchange({ request });
        const before = deepFreeze(exchange.request);
        const to = parseTarget(target) ?? { provider: target, model: '' };
        const after = await hooks.transformIn.promise(before, to, exchange);
        if (expect === undefined) assert.equal(after, before);
        else assert.deepEqual(after, { ...before, ...expect });
        if (notes !== undefined)
          assert.deepEqual(
            exchange.notes.list.map(({ path }) => path),
            notes,
          );
      },
    })),
    ...replies.flatMap(({ name, reply, exchange, expect }) => {
      const expected = essence({ ...reply, ...expect });
      const run = async (given: Reply) => (await apply()).hooks.transformOut.promise(given, fakeExchange(exchange));
      const events = messageToEvents(deepFreeze(reply));
      return [
        {
          name: `${name}: a whole reply`,
          check: async () =>
            assert.deepEqual(
              essence(collectMessage((await eventsOf(await run({ kind: 'whole', message: reply }))).flat())),
              expected,
            ),
        },
        {
          name: `${name}: a stream, in any batches`,
          check: async () => {
            const out: StreamEvent[][] = [];
            for (const size of [1, 2, events.length]) {
              const all = (await eventsOf(await run(streamOf(deepFreeze(events), size)))).flat();
              checkGrammar(all);
              assert.deepEqual(essence(collectMessage(all)), expected);
              out.push(coalesce(all));
            }
            assert.deepEqual(out[0], out[2]);
          },
        },
        {
          name: `${name}: two streams at once do not mix`,
          check: async () => {
            const { hooks } = await apply();
            const start = async () => {
              const out = await hooks.transformOut.promise(streamOf(events, 1), fakeExchange(exchange));
              return out.kind === 'stream'
                ? out.events[Symbol.asyncIterator]()
                : assert.fail('the stream became whole');
            };
            const both = [await start(), await start()];
            const seen: StreamEvent[][] = [[], []];
            for (let open = 2; open > 0; ) {
              open = 0;
              for (const [at, iterator] of both.entries()) {
                const { done, value } = await iterator.next();
                if (done === true) continue;
                open++;
                seen[at]?.push(...value);
              }
            }
            for (const all of seen) assert.deepEqual(essence(collectMessage(all)), expected);
          },
        },
      ];
    }),
  ];
}

function streamOf(events: readonly StreamEvent[], size: number): Reply {
  return {
    kind: 'stream',
    events: (async function* () {
      for (let at = 0; at < events.length; at += size) yield events.slice(at, at + size);
    })(),
  };
}

async function eventsOf(reply: Reply): Promise<(readonly StreamEvent[])[]> {
  if (reply.kind === 'whole') return [messageToEvents(reply.message)];
  const batches: (readonly StreamEvent[])[] = [];
  for await (const batch of reply.events) batches.push(batch);
  return batches;
}
