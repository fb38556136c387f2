import { describe, expect, it } from '@jest/globals';
import { errors, type Format, type JsonObject, messageToEvents, type StreamEvent } from '@signalbox/kit';
import { brokenLaws, type Fixture, type FormatOptions, formatLaws } from '../src/laws/index.ts';
import { describeFormat } from '../src/suites.ts';
import { codecFaults } from './codec-faults.ts';
import { sampleFormat } from './sample-format.ts';

const reply = {
  id: 'r1',
  model: 'm',
  content: [
    { type: 'reasoning', text: 'hm', state: { origin: 'sample', data: 's' } },
    { type: 'text', text: 'Grüße 😀' },
    { type: 'tool-call', id: 'c1', name: 'n', input: { a: 'é' }, rawInput: '{"a":"é"}' },
  ],
  stopReason: 'tool-call',
  usage: { promptTokens: 3, completionTokens: 2 },
} as const;

const fixture: Fixture = {
  name: 'tool-call.sample',
  request: { model: 'm', stream: true, system: [], messages: [], tools: [] },
  response: JSON.parse(JSON.stringify(reply)) as JsonObject,
  expected: { stopReason: 'tool-call', usage: { promptTokens: 3, completionTokens: 2 } },
  stream: Buffer.from(
    messageToEvents(JSON.parse(JSON.stringify(reply)))
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join(''),
  ),
};
const options: FormatOptions = { fixtures: [fixture], runs: 30 };

describe('the sample format', () => {
  describeFormat(sampleFormat, options);
});

/** One fault each, and a law that must find it. */
const faults: [fault: string, law: RegExp, broken: Partial<Format>][] = [
  [
    'asks for something else each time it encodes',
    /encoded and decoded again asks for the same/,
    {
      encodeRequest: (request, { model }) => ({
        ...(request as unknown as JsonObject),
        model,
        stream: !request.stream,
      }),
    },
  ],
  [
    'changes the reply it decodes',
    /left as it was/,
    { decodeReply: (body) => sampleFormat.decodeReply(Object.assign(body, { touched: true }), {} as never) },
  ],
  [
    'knows only its own error bodies',
    /any error body/,
    { decodeError: (status, _headers, body) => errors.providerFailed(status, JSON.parse(body).message) },
  ],
  [
    'loses a field of the request',
    /decoded and encoded again/,
    { encodeRequest: (request, { model }) => ({ model, messages: [], stream: request.stream }) },
  ],
  [
    'changes the body it decodes',
    /decoded and encoded again/,
    {
      decodeRequest: (body, client) => {
        (body as Record<string, unknown>).touched = true;
        return sampleFormat.decodeRequest(body, client);
      },
    },
  ],
  [
    'decodes UTF-8 chunk by chunk',
    /F13/,
    {
      createStreamDecoder: (target) => {
        const decoder = sampleFormat.createStreamDecoder(target);
        return { ...decoder, push: (chunk) => decoder.push(Buffer.from(Buffer.from(chunk).toString())) };
      },
    },
  ],
  [
    'ends a cut stream as a success',
    /F21 a stream that breaks off ends/,
    withEvents((events) => events.map(asSuccess)),
  ],
  [
    'says nothing when a stream is cut',
    /F21 a stream that breaks off ends/,
    withEvents((events) => events.filter(({ type }) => type !== 'error')),
  ],
  [
    'starts twice',
    /keep the grammar/,
    withEvents((events) => events.flatMap((e): StreamEvent[] => (e.type === 'message-start' ? [e, e] : [e]))),
  ],
  [
    'loses usage in streams',
    /whole reply says what/,
    withEvents((events) => events.filter(({ type }) => type !== 'usage')),
  ],
  [
    'closes tool calls too early',
    /F11/,
    withEvents((events) =>
      events.flatMap((e): StreamEvent[] =>
        e.type === 'block-start' ? [e, { type: 'block-end', index: e.index } as const] : [e],
      ),
    ),
  ],
  ['adds a byte in the relay', /same to the byte/, withRelay({ end: () => ' ' })],
  ['lets others write into a frame', /between frames/, withRelay({ betweenFrames: true })],
  ['lets nobody write after a frame', /between frames/, withRelay({ betweenFrames: false })],
  ['never finishes in the relay', /relay sees/, withRelay({ finished: false })],
  ['reads usage that is not there', /relay sees/, withRelay({ usage: { promptTokens: 1 } })],
  ['reads no usage of a whole reply', /only read/, { inspectReply: () => ({ usage: undefined, error: undefined }) }],
  [
    'echoes no model',
    /echoes another model/,
    { createStreamRelay: () => sampleFormat.createStreamRelay({ echoModel: undefined }) },
  ],
  [
    'encodes a reply without its content',
    /whole reply that is encoded/,
    { encodeReply: (r) => ({ content: [], stopReason: r.stopReason }) },
  ],
  [
    'drops deltas',
    /F04/,
    withEncoder({ encode: (events, encode) => encode(events.filter(({ type }) => type !== 'text-delta')) }),
  ],
  [
    'keeps alive with text',
    /kept alive/,
    withEncoder({ keepAlive: 'data: {"type":"text-delta","index":0,"text":"."}\n\n' }),
  ],
  [
    'fails with a mark of success',
    /ends as failed/,
    withEncoder({ fail: 'data: {"type":"message-end","stopReason":"end-turn"}\n\n' }),
  ],
  [
    'answers errors with 200',
    /keeps its class/,
    { encodeError: (e, c) => ({ ...sampleFormat.encodeError(e, c), status: 200 }) },
  ],
  [
    'takes every error for the provider’s',
    /CONTEXT_OVERFLOW 400 keeps/,
    { decodeError: (status) => errors.providerFailed(status, 'x') },
  ],
  [
    'leaks the cause',
    /neither its cause/,
    { encodeError: (e) => ({ status: e.status, headers: {}, body: { cause: String(e.cause) } }) },
  ],
  [
    'forgets how long to wait',
    /F92/,
    { decodeError: (status) => errors.rateLimited(`It failed with ${status}.`, { retryAfterSeconds: 1 }) },
  ],
  [
    'throws a TypeError at a strange reply',
    /any JSON object/,
    { decodeReply: (body) => ({ ...body, x: (body.content as string[]).length }) as never },
  ],
  [
    'throws at bytes it does not know',
    /any bytes are decoded/,
    {
      createStreamDecoder: (target) => {
        const decoder = sampleFormat.createStreamDecoder(target);
        return { ...decoder, push: (chunk) => (chunk.includes(0) ? JSON.parse('x') : decoder.push(chunk)) };
      },
    },
  ],
  ['loses an empty read in the relay', /any bytes go through/, withRelay({ push: () => '' })],
  ...codecFaults,
  ['takes frames out of order', /lost, repeated or out of order/, { createStreamDecoder: () => unguarded() }],
];

describe('formatLaws', () => {
  it('have names of their own', () => {
    const names = formatLaws(sampleFormat, options).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  const known = new Map<Partial<Format>, Promise<string[]>>();
  const brokenBy = (broken: Partial<Format>): Promise<string[]> => {
    const names =
      known.get(broken) ??
      brokenLaws(formatLaws({ ...sampleFormat, ...broken }, options)).then((laws) => laws.map(({ name }) => name));
    known.set(broken, names);
    return names;
  };

  it.each(faults)('find a format that %s', async (_fault, law, broken) => {
    expect(await brokenBy(broken)).toContainEqual(expect.stringMatching(law));
  });

  it('can each be broken by one of these', async () => {
    const found = await Promise.all(faults.map(([, , broken]) => brokenBy(broken)));
    const all = formatLaws(sampleFormat, options).map(({ name }) => name);
    expect(all.filter((name) => !found.flat().includes(name))).toEqual([]);
  });
});

function unguarded() {
  let rest = '';
  const push = (chunk: Uint8Array) => {
    const frames = (rest + Buffer.from(chunk).toString()).split('\n\n');
    rest = frames.pop() ?? '';
    return frames.map((frame) => JSON.parse(frame.slice(6)) as StreamEvent);
  };
  return { push, end: () => [] };
}

function asSuccess(event: StreamEvent): StreamEvent {
  return event.type === 'error' ? { type: 'message-end', stopReason: 'end-turn' } : event;
}

function withEvents(change: (events: readonly StreamEvent[]) => readonly StreamEvent[]): Partial<Format> {
  return {
    createStreamDecoder: (target) => {
      const decoder = sampleFormat.createStreamDecoder(target);
      return { push: (chunk) => change(decoder.push(chunk)), end: () => change(decoder.end()) };
    },
  };
}

function withRelay(change: object): Partial<Format> {
  return {
    createStreamRelay: (relayOptions) => {
      const relay = sampleFormat.createStreamRelay(relayOptions);
      const { push, end } = relay;
      return Object.assign(Object.create(relay, Object.getOwnPropertyDescriptors({ push, end, ...change })));
    },
  };
}

function withEncoder(change: {
  encode?: (events: readonly StreamEvent[], encode: (events: readonly StreamEvent[]) => string) => string;
  keepAlive?: string;
  fail?: string;
}): Partial<Format> {
  return {
    createStreamEncoder: (client) => {
      const encoder = sampleFormat.createStreamEncoder(client);
      const { encode, keepAlive, fail } = change;
      return {
        ...encoder,
        ...(encode === undefined ? {} : { encode: (events) => encode(events, encoder.encode) }),
        ...(keepAlive === undefined ? {} : { keepAlive: () => keepAlive }),
        ...(fail === undefined ? {} : { fail: () => fail }),
      };
    },
  };
}
