import {
  type ChatReply,
  collectMessage,
  type Format,
  type JsonObject,
  messageToEvents,
  SignalboxError,
  type StreamEvent,
} from '@signalbox/kit';
import { checkGrammar } from '@signalbox/testkit';
import { misfitsOfEvents, misfitsOfJson } from '../canonical.ts';
import { newClient, newDecoding, newTarget } from '../contexts.ts';
import { cut } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import { expectNone, orOurs } from '../target.ts';

/** What a client of a format is told is read again as that client would: it must be whole, and end as it ended. */
export function tellEveryClient(random: Random, events: readonly StreamEvent[]): void {
  for (const { format, requests } of clients) tellStream(random, format, newClient(random.pick(requests)), events);
}

/** Each client format, and what its clients asked. */
const clients = subjects.map(({ format, requests }) => ({
  format,
  requests: requests.flatMap((body) => orOurs(() => format.decodeRequest(body, newDecoding(format, true))) ?? []),
}));

/** The same for an answer that came whole. */
export function tellWhole(random: Random, reply: ChatReply): void {
  for (const { format, requests } of clients) {
    const body = format.encodeReply(reply, newClient(random.pick(requests)));
    expectNone(misfitsOfJson(body, `the answer for ${format.id}`));
    const again = JSON.parse(JSON.stringify(body)) as JsonObject;
    const { error } = format.inspectReply(again);
    if (error !== undefined && error.code !== 'EMPTY_REPLY') {
      throw new Error(`${format.id} takes the answer for a failure: ${error.message}`);
    }
  }
  tellEveryClient(random, messageToEvents(reply));
}

function tellStream(
  random: Random,
  format: Format,
  client: ReturnType<typeof newClient>,
  events: readonly StreamEvent[],
): void {
  const encoder = format.createStreamEncoder(client);
  let wire = random.chance(0.1) ? encoder.open() + encoder.keepAlive() : '';
  const last = events.at(-1);
  const told = last?.type === 'error' ? events.slice(0, -1) : events;
  for (const batch of batches(random, told)) {
    wire += encoder.encode(batch);
    if (random.chance(0.05) && batch.at(-1)?.type !== 'message-end') wire += encoder.keepAlive();
  }
  if (last?.type === 'error') wire += encoder.fail(SignalboxError.fromInfo(last.error));
  const read = decodeAll(format, cut(random, Buffer.from(wire)), wire);
  const [end, heard] = [last?.type, read.at(-1)];
  if (end === 'message-end' && heard?.type === 'error' && heard.error.code !== 'EMPTY_REPLY') {
    throw new Error(`a ${format.id} client reads an error at the end: ${heard.error.message}`);
  }
  if (end === 'error' && heard?.type === 'message-end') throw new Error(`a ${format.id} client reads a success`);
}

function batches(random: Random, events: readonly StreamEvent[]): (readonly StreamEvent[])[] {
  if (random.chance(0.3)) return [events];
  const out: (readonly StreamEvent[])[] = [];
  for (let at = 0; at < events.length; ) {
    const length = 1 + random.int(4);
    out.push(events.slice(at, at + length));
    at += length;
  }
  return out;
}

/** The events of a stream, which keep the grammar and the types of the canonical model. */
export function decodeAll(format: Format, chunks: readonly Uint8Array[], wire = ''): StreamEvent[] {
  const decoder = format.createStreamDecoder(newTarget(format, 'theirs'));
  const events: StreamEvent[] = [];
  for (const chunk of chunks) for (const event of decoder.push(chunk)) events.push(event);
  for (const event of decoder.end()) events.push(event);
  try {
    checkGrammar(events);
  } catch (error) {
    throw new Error(`${format.id}: ${(error as Error).message}${wire === '' ? '' : ` in ${wire.slice(0, 2_000)}`}`);
  }
  expectNone(misfitsOfEvents(events));
  return events;
}

/** A finished stream is one message, too. */
export function collected(events: readonly StreamEvent[]): ChatReply | undefined {
  return events.at(-1)?.type === 'message-end' ? collectMessage(events) : undefined;
}

/** What a format's relay makes of the same bytes: it loses none, and does not take for whole what no decoder does. */
export function relay({ format }: Subject, chunks: readonly Uint8Array[]): { finished: boolean; failed: boolean } {
  const untouched = format.createStreamRelay({ echoModel: undefined });
  const out = [...chunks.map((chunk) => Buffer.from(untouched.push(chunk))), Buffer.from(untouched.end())];
  const [given, came] = [Buffer.concat(out), Buffer.concat(chunks)];
  // What a client would take for an end, and is none, may be kept back.
  const kept = untouched.error !== undefined && came.subarray(0, given.length).equals(given);
  if (!kept && !given.equals(came)) throw new Error('the relay changed bytes');
  if (!echoed(format, chunks).equals(echoed(format, [came]))) {
    throw new Error('what a relay gives that echoes the model depends on where the stream is cut');
  }
  return { finished: untouched.finished, failed: untouched.error !== undefined };
}

function echoed(format: Format, chunks: readonly Uint8Array[]): Buffer {
  const echoing = format.createStreamRelay({ echoModel: 'asked-for' });
  return Buffer.concat([...chunks.map((chunk) => Buffer.from(echoing.push(chunk))), Buffer.from(echoing.end())]);
}
