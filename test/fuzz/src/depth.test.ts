import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { clients } from '@signalbox/test-faults';
import { type FuzzedGateway, startGateway, TARGET_HEADER } from './gateway.ts';
import { EVENT_STREAM, type FuzzedProvider, STREAM_TYPES, startProviders } from './providers.ts';
import { subjects } from './subjects.ts';
import { checkAnswer, hear } from './targets/heard.ts';

/** More than the engine can print again. */
const LEVELS = 3_000;
const DEEP = `${'{"a":['.repeat(LEVELS)}1${']}'.repeat(LEVELS)}`;
/** Stands for it until the JSON is printed. */
const MARK = '"deep"';

let providers: readonly FuzzedProvider[];
let gateway: FuzzedGateway;
beforeAll(async () => {
  providers = await startProviders();
  gateway = await startGateway(providers.map(({ plugin }) => plugin));
});
afterAll(async () => {
  await gateway.close();
  await Promise.all(providers.map((provider) => provider.close()));
});

/** Copies of a body, each with one of its parts nested too deep: as JSON, and as JSON in a text. */
function deepened(body: JsonObject): string[] {
  const out: string[] = [];
  const walk = (holder: JsonObject): void => {
    for (const key of Object.keys(holder)) {
      const before = holder[key];
      for (const deep of [DEEP, JSON.stringify(DEEP)]) {
        holder[key] = 'deep';
        out.push(JSON.stringify(body).replace(MARK, () => deep));
      }
      holder[key] = before;
      if (typeof before === 'object' && before !== null) walk(before as JsonObject);
    }
  };
  walk(body);
  return out;
}

/** Asks a provider, which says this, as a client of each format; none of them reads an internal error. */
async function expectTyped(provider: FuzzedProvider, type: string, status: number, said: Buffer): Promise<void> {
  for (const subject of subjects) {
    const client = clients.find(({ id }) => id === subject.id);
    if (client === undefined) throw new Error(`there are no clients of ${subject.id}`);
    for (const stream of [false, true]) {
      provider.answer('fuzz-1x', () => ({ status, headers: { 'content-type': type }, chunks: [said], end: 'end' }));
      const headers = { ...client.headers, [TARGET_HEADER]: `${provider.subject.id}/fuzz-1x` };
      const body = Buffer.from(JSON.stringify(client.body(stream)));
      const heard = await hear(gateway.url + client.path(stream), 'POST', headers, body, AbortSignal.timeout(15_000));
      const asked = () => `${provider.subject.id}: ${said.toString().slice(0, 300)}`;
      checkAnswer(subject, heard, { operation: 'chat' }, gateway.takeFaults(), asked);
    }
  }
}

/** So many of them, spread over all. */
function some<T>(list: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(list.length / count));
  return list.filter((_one, index) => index % step === 0);
}

describe('JSON that is nested too deep', () => {
  it.each(subjects)(
    'in any part of a request of $id is the client’s own fault, or is carried as text',
    async (subject) => {
      const client = clients.find(({ id }) => id === subject.id);
      if (client === undefined) throw new Error(`there are no clients of ${subject.id}`);
      for (const request of some(subject.requests, 6)) {
        for (const body of some(deepened(structuredClone(request)), 6)) {
          // What is refused is refused before it is known for whom it is.
          const targets = body.includes('\\"a\\"') ? providers : providers.slice(0, 1);
          for (const target of targets) {
            target.answer('fuzz-1x', () => ({ status: 503, headers: {}, chunks: [], end: 'end' }));
            const headers = { ...client.headers, [TARGET_HEADER]: `${target.subject.id}/fuzz-1x` };
            const url = gateway.url + client.path(false);
            const heard = await hear(url, 'POST', headers, Buffer.from(body), AbortSignal.timeout(15_000));
            checkAnswer(subject, heard, { operation: 'chat' }, gateway.takeFaults(), () => body.slice(0, 1_000));
          }
        }
      }
    },
    120_000,
  );

  it('in any part of an answer is a failure of the provider’s, or is carried as text', async () => {
    for (const provider of providers) {
      const { replies } = provider.subject;
      for (const said of some(deepened(structuredClone(replies[2] ?? replies[0] ?? {})), 8)) {
        await expectTyped(provider, 'application/json', 200, Buffer.from(said));
      }
    }
  }, 120_000);

  it('in any frame of a stream is a failure of the provider’s, or is carried as text', async () => {
    for (const provider of providers) {
      const { id, streams } = provider.subject;
      const type = STREAM_TYPES[id] ?? EVENT_STREAM;
      const { data, print } = streams.at(-2) ?? streams[0] ?? { data: [], print: () => Buffer.alloc(0) };
      for (const [index, frame] of data.entries()) {
        if (!frame.startsWith('{')) continue;
        for (const deep of some(deepened(JSON.parse(frame) as JsonObject), 2)) {
          const all = data.map((one, at) => print(at === index ? deep : one, at));
          await expectTyped(provider, type, 200, Buffer.concat(all));
        }
      }
    }
  }, 120_000);

  it('in an error is an error like any other', async () => {
    for (const provider of providers) {
      for (const said of some(deepened(structuredClone(provider.subject.errors[0] ?? {})), 4)) {
        await expectTyped(provider, 'application/json', 400, Buffer.from(said));
      }
    }
  }, 120_000);
});
