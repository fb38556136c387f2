import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import fallback from '@signalbox/route-fallback';
import health from '@signalbox/route-health';
import {
  cutAfter,
  dropConnection,
  errorFrame,
  hang,
  providerError,
  type Responder,
  raw,
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

const start = (target: string, options: JsonObject = {}, timeouts: JsonObject = {}) =>
  startTestGateway({
    targets: [target],
    plugins: [[fallback, { ...OPTIONS, ...options }]],
    // Whoever comes second may take its time.
    timeouts: (provider) => (target.startsWith(provider) ? timeouts : {}),
  });
const ask = (extra: object = {}) => gateway.post(MESSAGES, messagesBody(extra), anthropicHeaders);

/** Each way to fail before the first content, and its code. */
const faults: readonly [name: string, code: string, fault: Responder, timeouts?: JsonObject][] = [
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
  ['F94 a silence', 'HEADERS_TIMEOUT', hang(), { headersMs: 150 }],
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
    const all = stream ? [...faults, ...streamFaults] : faults;
    it.each(all)('%s: the next one answers', async (_name, code, fault, timeouts = {}) => {
      gateway = await start(first, {}, timeouts);
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
    await (await ask({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } })).text();
    const alone = await gateway.nextRecord();
    await gateway.close();

    gateway = await start(first);
    gateway.provider.on(firstPath, providerError(500, { message: 'oops' }));
    gateway.provider.on(secondPath, reply(turn));
    const answer = await ask({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } });
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

  it('F95 moves on after a provider’s own limit of size, and what a target cannot do, where the options say so', async () => {
    gateway = await start(first, { on: ['REQUEST_TOO_LARGE', 'UNSUPPORTED'] });
    gateway.provider.on(firstPath, providerError(413, { message: 'too large' }));
    gateway.provider.on(secondPath, reply(turn));
    expect((await ask()).headers.get('x-signalbox-target')).toBe(second);
  });

  it('gives the first one’s failure where all fail', async () => {
    gateway = await start(first);
    gateway.provider.on(firstPath, providerError(500, { message: 'the first failure' }));
    gateway.provider.on(secondPath, providerError(503, { message: 'the second failure' }));
    const answer = await ask();
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    const text = await answer.text();
    expect(text).toContain('the first failure');
    expect(text).toContain('the second failure');
  });

  it('tries a target again first, where the options say so', async () => {
    gateway = await start(first, { retry: { maxRetries: 2, baseDelayMs: 5 } });
    gateway.provider.on(firstPath, providerError(500, { message: 'oops' }));
    gateway.provider.on(secondPath, reply(turn));
    expect((await ask()).headers.get('x-signalbox-attempts')).toBe('4');
    expect(gateway.provider.requests.map(({ path }) => path)).toEqual([firstPath, firstPath, firstPath, secondPath]);
  });
});

describe('what the client is told where every target fails', () => {
  const overflow = providerError(400, {
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    message: 'prompt is too long: 20000 tokens > 8192 maximum',
  });
  const limited = (seconds: number) =>
    providerError(429, { message: 'slow', headers: { 'retry-after': String(seconds) } });
  const startAll = (first: Responder, second: Responder, options: JsonObject = {}) =>
    start('anthropic/claude-test', options).then((started) => {
      gateway = started;
      gateway.provider.on(MESSAGES, first);
      gateway.provider.on(CHAT, second);
    });

  it.each([false, true])('F95 is not that a small fallback has no room, stream: %j', async (stream) => {
    await startAll(providerError(503, { message: 'down' }), overflow);
    const answer = await ask({ stream });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-signalbox-target')).toBe('anthropic/claude-test');
    const text = await answer.text();
    expect(text).toContain(
      'No target could answer. anthropic/claude-test: down; chat/gpt-test: the prompt is longer than its window.',
    );
    // Claude Code would shorten the conversation.
    expect(text).not.toMatch(/prompt is too long|tokens >/);
    expect(await gateway.nextRecord()).toMatchObject({
      target: 'anthropic/claude-test',
      error: { code: 'PROVIDER_OVERLOADED' },
    });
  });

  it('F92 is the limit that ends, with its wait, and not a fallback’s refused key', async () => {
    await startAll(limited(20), providerError(401, { message: 'no' }));
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-should-retry')]).toEqual([
      429,
      '20',
      null,
    ]);
    expect(await answer.text()).toContain('chat/gpt-test: The provider refused');
  });

  it('F92 is the shortest of the waits', async () => {
    await startAll(limited(20), limited(5));
    expect((await ask()).headers.get('retry-after')).toBe('5');
  });

  it('F10 is the chosen target’s refusal, in its own words', async () => {
    await startAll(overflow, providerError(401, { message: 'no' }), { on: ['CONTEXT_OVERFLOW', 'PROVIDER_AUTH'] });
    const answer = await ask();
    expect([answer.status, answer.headers.get('x-signalbox-target')]).toEqual([400, 'anthropic/claude-test']);
    expect(await answer.text()).toContain('prompt is too long: 20000 tokens > 8192 maximum');
  });

  it('is nothing where a target behind a fallback that cannot take the request answers', async () => {
    gateway = await startTestGateway({
      targets: ['anthropic/claude-test', 'chat/small', 'chat/large'],
      plan: { retry: { maxRetries: 0 } },
    });
    gateway.provider.on(MESSAGES, providerError(503, { message: 'down' }));
    gateway.provider.once(CHAT, overflow);
    gateway.provider.on(CHAT, reply(turn));
    const answer = await ask();
    expect([answer.status, answer.headers.get('x-signalbox-target')]).toEqual([200, 'chat/large']);
  });

  it('is the same where the chosen target is left alone for its health', async () => {
    gateway = await startTestGateway({
      targets: ['anthropic/claude-test', 'chat/gpt-test'],
      plan: { retry: { maxRetries: 0 } },
      plugins: [[health, { consecutiveFailures: 1, openMs: 60_000 }]],
    });
    gateway.provider.on(MESSAGES, providerError(503, { message: 'down' }));
    gateway.provider.on(CHAT, overflow);
    expect((await ask()).status).toBe(503);
    // From now on the fallback comes first.
    const answer = await ask();
    expect([answer.status, answer.headers.get('x-signalbox-target')]).toEqual([503, 'anthropic/claude-test']);
  });

  it('names the target in what its format leaves in no words of its own', async () => {
    await startAll(raw(502, { 'content-type': 'text/html' }, '<html></html>'), reply(turn), { fallbacks: {} });
    const answer = await ask();
    expect([answer.status, answer.headers.get('x-signalbox-target')]).toEqual([502, 'anthropic/claude-test']);
    expect(await answer.text()).toContain('anthropic/claude-test: The provider answered with status 502.');
  });
});
