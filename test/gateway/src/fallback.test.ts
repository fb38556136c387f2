import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import fallback from '@signalbox/route-fallback';
import {
  cutAfter,
  dropConnection,
  errorFrame,
  hang,
  providerError,
  type Responder,
  reply,
  sse,
} from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const OPTIONS = { fallbacks: { 'anthropic/*': ['chat/gpt-test'], 'chat/*': ['anthropic/{model}'] }, default: [] };
const turn = { text: 'Second one.' };

const start = (target: string, options: JsonObject = {}) =>
  startTestGateway({
    targets: [target],
    plugins: [[fallback, { ...OPTIONS, ...options }]],
    timeouts: { headersMs: 150 },
  });
const ask = (extra: object = {}) => gateway.post(MESSAGES, messagesBody(extra), anthropicHeaders);

/** Each way to fail before the first content, and its code. */
const faults: readonly [name: string, code: string, fault: Responder][] = [
  ['F95 a 500', 'PROVIDER_FAILED', providerError(500, { message: 'oops' })],
  ['F95 a 503', 'PROVIDER_OVERLOADED', providerError(503, { message: 'down' })],
  ['a refused key', 'PROVIDER_AUTH', providerError(401, { message: 'no' })],
  ['an empty account', 'PROVIDER_BILLING', providerError(402, { message: 'pay' })],
  [
    'F92 a used-up quota',
    'QUOTA_EXHAUSTED',
    providerError(429, { message: 'You exceeded your current quota', code: 'insufficient_quota' }),
  ],
  ['F92 a rate limit', 'RATE_LIMITED', providerError(429, { message: 'slow' })],
  ['a dropped connection', 'PROVIDER_UNREACHABLE', dropConnection('rst')],
  ['F94 a silence', 'HEADERS_TIMEOUT', hang()],
];
const streamFaults: typeof faults = [
  ['F22 a cut before the content', 'CUT_STREAM', cutAfter(0, 'end', sse(': nothing\n\n'))],
  [
    'F15 F22 an error inside a 200',
    'PROVIDER_FAILED',
    (request, wire) => sse(errorFrame(request, { type: 'api_error', message: 'no capacity' }))(request, wire),
  ],
];

describe.each([
  ['anthropic/claude-test', MESSAGES, 'chat/gpt-test', CHAT, 'canonical'],
  ['chat/gpt-test', CHAT, 'anthropic/gpt-test', MESSAGES, 'pass-through'],
])('%s with a fallback', (first, firstPath, second, secondPath, lane) => {
  describe.each([true, false])('stream: %j', (stream) => {
    it.each(stream ? [...faults, ...streamFaults] : faults)('%s: the next one answers', async (_name, code, fault) => {
      gateway = await start(first);
      gateway.provider.on(firstPath, fault);
      gateway.provider.on(secondPath, reply(turn));
      const answer = await ask({ stream });
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-signalbox-attempts': '2',
        'x-signalbox-target': second,
        'x-signalbox-lane': lane,
      });
      const text = await answer.text();
      expect(text).toContain('Second one.');
      if (stream) {
        expect(text.match(/event: message_start/g)).toHaveLength(1);
        expect(text).toContain('message_stop');
      }
      const record = await gateway.nextRecord();
      expect(record.attempts).toMatchObject([
        { outcome: 'failed', error: { code } },
        { outcome: 'answered', lane },
      ]);
      expect(record.error).toBeUndefined();
      expect(record.route).toContain('the fallback of');
    });
  });

  it('leaves no note of what the failed try would have lost', async () => {
    gateway = await start(second);
    gateway.provider.on(secondPath, reply(turn));
    await (await ask({ context_management: { edits: [] } })).text();
    const alone = await gateway.nextRecord();
    await gateway.close();

    gateway = await start(first);
    gateway.provider.on(firstPath, providerError(500, { message: 'oops' }));
    gateway.provider.on(secondPath, reply(turn));
    const answer = await ask({ context_management: { edits: [] } });
    await answer.text();
    expect((await gateway.nextRecord()).notes).toEqual(alone.notes);
    // One of the two is lossless, so that the comparison means something.
    expect(alone.notes.length > 0).toBe(lane === 'canonical');
  });

  it('passes on a refusal and a prompt that is too long, unless the options say otherwise', async () => {
    const overflow = providerError(400, {
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      message: 'prompt is too long: 9000 tokens > 8192 maximum',
    });
    gateway = await start(first);
    gateway.provider.on(firstPath, overflow);
    gateway.provider.on(secondPath, reply(turn));
    const passedOn = await ask();
    expect(passedOn.status).toBe(400);
    expect(await passedOn.text()).toContain('prompt is too long: 9000 tokens > 8192 maximum');
    await gateway.close();

    gateway = await start(first, { on: ['CONTEXT_OVERFLOW'] });
    gateway.provider.once(firstPath, overflow);
    gateway.provider.once(firstPath, providerError(500, { message: 'oops' }));
    gateway.provider.on(secondPath, reply(turn));
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(500);
  });

  it('gives the last failure where all fail', async () => {
    gateway = await start(first);
    gateway.provider.on(firstPath, providerError(500, { message: 'the first failure' }));
    gateway.provider.on(secondPath, providerError(503, { message: 'the second failure' }));
    const answer = await ask();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    expect(await answer.text()).toContain('the second failure');
  });

  it('tries a target again first, where the options say so', async () => {
    gateway = await start(first, { retry: { maxRetries: 2, baseDelayMs: 5 } });
    gateway.provider.on(firstPath, providerError(500, { message: 'oops' }));
    gateway.provider.on(secondPath, reply(turn));
    expect((await ask()).headers.get('x-signalbox-attempts')).toBe('4');
    expect(gateway.provider.requests.map(({ path }) => path)).toEqual([firstPath, firstPath, firstPath, secondPath]);
  });
});
