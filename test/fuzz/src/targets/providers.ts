import type { JsonObject } from '@signalbox/kit';
import { clients } from '@signalbox/test-faults';
import { newDecoding, newTarget } from '../contexts.ts';
import { BOUND_MS, type FuzzedGateway, TARGET_HEADER } from '../gateway.ts';
import { anyBytes, cut, mutateBytes } from '../mutate-bytes.ts';
import { mutateFrames } from '../mutate-frames.ts';
import { mutateJson } from '../mutate-json.ts';
import { WORDS } from '../nasty.ts';
import { pack } from '../packing.ts';
import { ABOUT, type Answer, EVENT_STREAM, type FuzzedProvider, STREAM_TYPES, soundAnswer } from '../providers.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import { orOurs, type Target } from '../target.ts';
import { decodeAll } from './answers.ts';
import { checkAnswer, hear } from './heard.ts';

const TYPES = ['application/json', EVENT_STREAM, 'text/html', 'text/plain', 'application/x-ndjson', 'nonsense', ''];
const HEADERS = [
  ...[
    'request-id',
    'x-request-id',
    'openai-processing-ms',
    'openai-version',
    'x-should-retry',
    'retry-after',
    'server',
  ],
  ...[
    'anthropic-ratelimit-requests-reset',
    'anthropic-organization-id',
    'x-ratelimit-reset-tokens',
    'content-language',
  ],
  ...['set-cookie', 'location', 'x-signalbox-id', 'x-signalbox-lane', 'access-control-allow-origin', 'trailer', 'date'],
];
const ODD_VALUES = ['\u00e4\u00f6\u00ff', '\t', 'a\tb', '"', '1, 2', 'a'.repeat(300)];
/** What a header may hold; Node sends nothing else. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const STATUSES = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529];
let number = 0;

/** Whatever a provider answers: its client reads a whole answer of its format, or an error, and no success that is none. */
export function providerTargets(gateway: FuzzedGateway, providers: readonly FuzzedProvider[]): readonly Target[] {
  return providers.map((provider) => ({
    name: `provider ${provider.subject.id}`,
    atOnce: 12,
    run: (random) => answerAnything(random, gateway, provider),
  }));
}

/** What each client format's clients ask, as they ask it. */
const asking = subjects.map((subject) => ({
  subject,
  requests: subject.requests.filter(
    (body) => orOurs(() => subject.format.decodeRequest(body, newDecoding(subject.format))) !== undefined,
  ),
}));

async function answerAnything(random: Random, gateway: FuzzedGateway, provider: FuzzedProvider): Promise<void> {
  const model = `fuzz-${number++}x`;
  const { subject, requests } = random.pick(asking);
  const client = clients.find(({ id }) => id === subject.id);
  if (client === undefined) throw new Error(`there are no clients of ${subject.id}`);
  const stream = random.chance(0.7);
  const request = random.chance(0.5) ? random.pick(requests) : (client.body(stream) as JsonObject);
  const body = subject.format.modelInBody === false ? request : { ...request, stream };
  provider.about = random.chance(0.3) ? mutateJson(random, JSON.parse(ABOUT) as JsonObject) : ABOUT;
  let answer: Answer | undefined;
  provider.answer(model, (asked) => {
    answer ??= anyAnswer(random, provider.subject, asked);
    return answer;
  });
  const headers = {
    ...client.headers,
    'content-type': 'application/json',
    [TARGET_HEADER]: `${provider.subject.id}/${model}`,
  };
  const url = gateway.url + client.path(stream);
  const heard = await hear(url, 'POST', headers, Buffer.from(JSON.stringify(body)), AbortSignal.timeout(BOUND_MS));
  provider.forget(model);
  const asked = () => `${JSON.stringify(body).slice(0, 500)}; the provider said: ${said(answer)}`;
  const seen = checkAnswer(subject, heard, { operation: 'chat' }, gateway.takeFaults(), asked);
  if (seen === 'success' && answer !== undefined && !isSound(provider.subject, answer)) {
    throw new Error(`a success that is none: ${heard.raw.toString().slice(-1_000)}; asked: ${asked()}`);
  }
}

function anyAnswer(random: Random, subject: Subject, stream: boolean): Answer {
  const sound = soundAnswer(random, subject, stream);
  const share = random.next();
  if (share < 0.12) {
    const body = mutateJson(random, random.pick(subject.errors), random.pick(subjects).errors);
    const type = random.pick(TYPES);
    const headers = {
      ...(type === '' ? {} : { 'content-type': type }),
      'retry-after': random.pick(['1', 'x', '-5', '1e9']),
    };
    return { status: random.pick(STATUSES), headers, chunks: [Buffer.from(body)], end: 'end' };
  }
  const bytes = bytesOf(random, subject, stream);
  const headers: Record<string, string> = { ...sound.headers };
  if (random.chance(0.08)) headers['content-type'] = random.pick(TYPES);
  if (headers['content-type'] === '') delete headers['content-type'];
  if (random.chance(0.1)) Object.assign(headers, anyHeaders(random));
  const packed = random.chance(0.08) ? pack(random, bytes) : undefined;
  if (packed !== undefined) headers['content-encoding'] = packed.encoding;
  const chunks = cut(random, packed?.bytes ?? bytes);
  const end = random.chance(0.85) ? 'end' : random.pick(['fin', 'rst', 'hang'] as const);
  const status = random.chance(0.02) ? random.pick([201, 204, 206, 301, 302, 304, 399]) : 200;
  const waits = random.chance(0.03) ? { waitMs: random.int(1_600) } : {};
  const inside = packed === undefined ? {} : { inside: packed.honest ? bytes : undefined };
  return { status, headers, chunks, end, ...inside, ...waits };
}

/** Headers that clients get, and others, as long and as many as they may be. */
function anyHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let left = random.few(random.chance(0.1) ? 150 : 6); left > 0; left--) {
    const name = random.chance(0.7) ? random.pick(HEADERS) : `x-fuzz-${left}`;
    const value = random.chance(0.1) ? 'x'.repeat(random.int(12_000)) : random.pick([...WORDS, ...ODD_VALUES]);
    if (HEADER_VALUE.test(value)) headers[name] = value;
  }
  return headers;
}

function bytesOf(random: Random, subject: Subject, stream: boolean): Buffer {
  const { streams, replies } = subject;
  const share = random.next();
  if (share < 0.03) return anyBytes(random);
  if (!stream) {
    const text = mutateJson(random, random.pick(replies), random.pick(subjects).replies);
    return random.chance(0.1) ? mutateBytes(random, Buffer.from(text)) : Buffer.from(text);
  }
  const frames = random.pick(streams);
  const sound = Buffer.concat(frames.data.map(frames.print));
  if (share < 0.15) return sound.subarray(0, random.int(sound.length + 1));
  return mutateFrames(random, frames, random.chance(0.2) ? random.pick(subjects).streams : streams);
}

/** Whether the provider's own format takes what came for a whole answer. What came in another way is not judged. */
function isSound({ id, format }: Subject, answer: Answer): boolean {
  const { headers, chunks, end } = answer;
  const bytes = 'inside' in answer ? answer.inside : Buffer.concat(chunks);
  if (end === 'hang' || bytes === undefined) return true;
  const type = headers['content-type'];
  if (type === (STREAM_TYPES[id] ?? EVENT_STREAM)) return decodeAll(format, [bytes]).at(-1)?.type === 'message-end';
  if (type !== 'application/json') return true;
  return (
    orOurs(() => format.decodeReply(JSON.parse(bytes.toString()) as JsonObject, newTarget(format, 'x'))) !== undefined
  );
}

function said(answer: Answer | undefined): string {
  if (answer === undefined) return 'nothing, as it was not asked';
  const { status, headers, chunks, end } = answer;
  return `${status} ${JSON.stringify(headers)} ${JSON.stringify(Buffer.concat(chunks).toString().slice(0, 4_000))} ${end}`;
}
