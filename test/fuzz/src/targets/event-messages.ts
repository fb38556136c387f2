import { cut, mutateBytes } from '../mutate-bytes.ts';
import { parsed } from '../mutate-frames.ts';
import { mutateJson } from '../mutate-json.ts';
import { nastyValue, printJson, WORDS } from '../nasty.ts';
import type { Random } from '../random.ts';
import { header, message, textHeader } from '../streams.ts';
import type { Target } from '../target.ts';
import { decodeAll, tellEveryClient } from './answers.ts';
import { converseSubject } from './converse.ts';
import { expectSame } from './cuts.ts';

const NAMES = [':message-type', ':event-type', ':exception-type', ':error-code', ':error-message', ':content-type'];
const KINDS = ['event', 'exception', 'error', 'Event', ''];
const EXCEPTIONS = [
  ...['throttlingException', 'modelStreamErrorException', 'internalServerException', 'validationException'],
  ...['serviceUnavailableException', 'nobody-knows'],
];
const EVENTS = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
];
/** How many bytes a header's value has, by the number of its type; a text and bytes say it themselves. */
const VALUE_BYTES = [0, 0, 1, 2, 4, 8, 2, 2, 8, 16];
const LIES = [-13, -4, -1, 1, 4, 255, 2 ** 24, 2 ** 31, -(2 ** 31)];

/**
 * Messages of AWS's event stream that are damaged inside their envelopes: headers of every type, exceptions and errors, lengths
 * that lie, by checksums that hold. What stood before a damaged one is told, and no stream with one in its middle is a success.
 */
export const eventMessageTarget: Target = { name: `envelope ${converseSubject.id}`, run: decodeMessages };

interface Made {
  readonly bytes: Buffer;
  readonly broken: boolean;
}

function decodeMessages(random: Random): void {
  const { format, streams } = converseSubject;
  const { data, print } = random.pick(streams);
  const made: Made[] = data.map((text, index) => ({ bytes: print(text, index), broken: false }));
  for (let left = random.few(4); left > 0; left--) {
    const at = random.int(made.length);
    made.splice(at, random.chance(0.6) ? 1 : 0, anyMessage(random, data[at] ?? '{}'));
  }
  const bytes = Buffer.concat(made.map((one) => one.bytes));
  const chunks = cut(random, bytes);
  const events = decodeAll(format, chunks);
  expectSame(events, decodeAll(format, [bytes]));
  tellEveryClient(random, events);
  const firstBroken = made.findIndex(({ broken }) => broken);
  if (firstBroken === -1) return;
  const before = decodeAll(format, [Buffer.concat(made.slice(0, firstBroken).map((one) => one.bytes))]);
  if (events.at(-1)?.type === 'message-end' && before.at(-1)?.type !== 'message-end') {
    throw new Error(`a success with message ${firstBroken} damaged`);
  }
  expectSame(events.slice(0, contentOf(before)), before.slice(0, contentOf(before)));
}

/** How many events come to its last piece of content: what follows depends on how it goes on. */
function contentOf(events: ReturnType<typeof decodeAll>): number {
  return events.findLastIndex(({ type }) => type.endsWith('-delta')) + 1;
}

function anyMessage(random: Random, sound: string): Made {
  const body = bodyOf(random, sound);
  const kind = random.chance(0.6) ? 'event' : random.pick(KINDS);
  const headers = [
    textHeader(':message-type', kind),
    textHeader(':event-type', random.chance(0.9) ? random.pick(EVENTS) : random.pick(WORDS)),
    ...(kind === 'exception' ? [textHeader(':exception-type', random.pick(EXCEPTIONS))] : []),
    ...(kind === 'error' ? [textHeader(':error-code', '503'), textHeader(':error-message', random.pick(WORDS))] : []),
  ];
  for (let left = random.chance(0.4) ? random.few(4) : 0; left > 0; left--) {
    headers.splice(random.int(headers.length + 1), random.chance(0.5) ? 1 : 0, anyHeader(random));
  }
  const bytes = message(headers, body);
  if (random.chance(0.6)) return { bytes, broken: false };
  if (random.chance(0.5)) {
    const lie = random.pick(LIES);
    return { bytes: message(headers, body, random.chance(0.5) ? { whole: lie } : { headers: lie }), broken: true };
  }
  const at = random.int(bytes.length);
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8((flipped.readUInt8(at) + 1 + random.int(255)) & 255, at);
  return { bytes: flipped, broken: true };
}

function anyHeader(random: Random): Buffer {
  const name = random.chance(0.6) ? random.pick(NAMES) : random.pick(WORDS);
  if (random.chance(0.4)) return textHeader(name, random.chance(0.3) ? random.pick(KINDS) : random.pick(WORDS));
  const type = random.int(12);
  const length = random.chance(0.8) ? (VALUE_BYTES[type] ?? 0) : random.int(20);
  return header(name, type, Buffer.from(Array.from({ length }, () => random.int(256))));
}

function bodyOf(random: Random, sound: string): Buffer {
  const share = random.next();
  if (share < 0.4) return Buffer.from(sound);
  if (share < 0.7) return Buffer.from(mutateJson(random, parsed(sound) ?? {}));
  if (share < 0.8) return Buffer.from(printJson(nastyValue(random)));
  return share < 0.9 ? mutateBytes(random, Buffer.from(sound)) : Buffer.alloc(0);
}
