import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, type JsonObject } from '@signalbox/kit';
import {
  anthropicTurn,
  cutAfter,
  dropConnection,
  errorFrame,
  hang,
  headersThenHang,
  json,
  providerError,
  type Responder,
  raw,
  reply,
  sse,
} from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const turn = { text: 'Here I am.' };
const soon = { retry: { baseDelayMs: 10 } };
const lanes = [
  ['pass-through', 'anthropic/claude-test', '/v1/messages'],
  ['canonical', 'chat/gpt-test', '/v1/chat/completions'],
] as const;

const ask = (extra: object = {}) => gateway.post('/v1/messages', messagesBody(extra), anthropicHeaders);
const outcomes = async () => (await gateway.nextRecord()).attempts.map(({ outcome }) => outcome);
const frame: Responder = (request, wire) =>
  sse(errorFrame(request, { type: 'api_error', message: 'no capacity left' }))(request, wire);

describe.each(lanes)('a target that fails before its first content, %s lane', (lane, target, path) => {
  it.each<[string, boolean, Responder]>([
    ['a 500', false, providerError(500, { message: 'oops' })],
    ['a 500 to a stream', true, providerError(500, { message: 'oops' })],
    ['F95 a 503', false, providerError(503, { message: 'down' })],
    ['F95 an overload', true, providerError(529, { message: 'Overloaded', type: 'overloaded_error' })],
    ['a dropped connection', false, dropConnection('rst')],
    ['a dropped connection of a stream', true, dropConnection('fin')],
    ['F15 an error inside a 200', true, frame],
    ['a stream that is cut at once', true, cutAfter(0, 'end', sse(': nothing\n\n'))],
    ['F07 a web page', false, raw(200, { 'content-type': 'text/html' }, '<html></html>')],
    ['F07 half an answer', false, json(200, '{"id": ')],
  ])('%s: the same target is asked once more', async (_name, stream, fault) => {
    gateway = await startTestGateway({ targets: [target], plan: soon });
    gateway.provider.once(path, fault);
    gateway.provider.once(path, reply(turn));
    const answer = await ask({ stream });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    expect(answer.headers.get('x-signalbox-lane')).toBe(lane);
    expect(await answer.text()).toContain('Here I am.');
    expect(await outcomes()).toEqual(['failed', 'answered']);
    const [first, second] = gateway.provider.requests;
    expect(second?.rawBody.equals(first?.rawBody ?? Buffer.alloc(0))).toBe(true);
    expect(gateway.provider.requests).toHaveLength(2);
  });

  it.each<[string, string, Responder, JsonObject?]>([
    ['a refused key', 'PROVIDER_AUTH', providerError(401, { message: 'no' })],
    ['an empty account', 'PROVIDER_BILLING', providerError(402, { message: 'pay' })],
    ['an unknown model', 'MODEL_NOT_FOUND', providerError(404, { message: 'no such model', code: 'model_not_found' })],
    ['a refused request', 'PROVIDER_REJECTED', providerError(400, { message: 'bad field' })],
    [
      'F92 a used-up quota',
      'QUOTA_EXHAUSTED',
      providerError(429, { message: 'You exceeded your current quota', code: 'insufficient_quota' }),
    ],
    ['F92 a limit without an end', 'RATE_LIMITED', providerError(429, { message: 'slow' })],
    [
      'F92 a limit that lasts',
      'RATE_LIMITED',
      providerError(429, { message: 'slow', headers: { 'retry-after': '3' } }),
    ],
    ['F94 no headers', 'HEADERS_TIMEOUT', hang(), { headersMs: 150 }],
    ['F94 no event', 'FIRST_EVENT_TIMEOUT', headersThenHang(), { firstEventMs: 150 }],
  ])('%s: the same target is left alone', async (_name, code, fault, timeouts = {}) => {
    gateway = await startTestGateway({ targets: [target], plan: soon, timeouts });
    gateway.provider.on(path, fault);
    const answer = await ask({ stream: true });
    expect(answer.ok).toBe(false);
    expect(answer.headers.get('x-signalbox-attempts')).toBeNull();
    const record = await gateway.nextRecord();
    expect(record.error?.code).toBe(code);
    expect(record.attempts).toHaveLength(1);
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it('F92 waits for a short retry-after, however long the stream is silent meanwhile', async () => {
    gateway = await startTestGateway({ targets: [target], plan: {}, server: { openStreamAfterMs: 100 } });
    gateway.provider.once(path, providerError(429, { message: 'slow', headers: { 'retry-after': '1' } }));
    gateway.provider.once(path, reply(turn));
    const text = await (await ask({ stream: true })).text();
    expect(text.match(/event: message_start/g)).toHaveLength(1);
    expect(text).toContain('message_stop');
    const [first, second] = gateway.provider.requests;
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('asks twice and no more where nobody says how often, and gives the last failure with their number', async () => {
    gateway = await startTestGateway({ targets: [target], plan: {} });
    gateway.provider.once(path, providerError(500, { message: 'the first' }));
    gateway.provider.on(path, providerError(500, { message: 'the last' }));
    const answer = await ask();
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    expect(await answer.text()).toContain('the last');
    expect(await outcomes()).toEqual(['failed', 'failed']);
    expect(gateway.provider.requests).toHaveLength(2);
  });

  it('asks again at once where a kept connection was closed under the request, whatever the plan says', async () => {
    // Where it waited, it would be for half a minute or so.
    const plan = { retry: { maxRetries: 0, baseDelayMs: 60_000, maxDelayMs: 60_000 } };
    gateway = await startTestGateway({ targets: [target], plan });
    for (const how of ['fin', 'rst'] as const) {
      gateway.provider.once(path, reply(turn));
      expect(await (await ask()).text()).toContain('Here I am.');
      expect(await outcomes()).toEqual(['answered']);
      gateway.provider.once(path, dropConnection(how));
      gateway.provider.once(path, reply(turn));
      const answer = await ask();
      expect([how, answer.status]).toEqual([how, 200]);
      const { attempts } = await gateway.nextRecord();
      expect(attempts.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
        'PROVIDER_UNREACHABLE',
        'answered',
      ]);
    }
  });

  it('F37 stops waiting at once when the client leaves', async () => {
    const refused = Promise.withResolvers<void>();
    const watch = definePlugin({
      name: 'log-watch',
      apply: ({ hooks }) => hooks.attempt.tap('log-watch', () => refused.resolve()),
    });
    const plan = { retry: { maxRetryAfterMs: 60_000 } };
    gateway = await startTestGateway({ targets: [target], plan, plugins: [[watch]] });
    gateway.provider.on(path, providerError(429, { message: 'slow', headers: { 'retry-after': '60' } }));
    const controller = new AbortController();
    const answer = fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...anthropicHeaders },
      body: JSON.stringify(messagesBody()),
      signal: controller.signal,
    });
    answer.catch(() => {});
    await refused.promise;
    controller.abort();
    const record = await gateway.nextRecord();
    expect(record).toMatchObject({ aborted: true, status: 499, attempts: [{ outcome: 'failed' }] });
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it('F23 is not asked again once its answer has begun', async () => {
    const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });
    gateway = await startTestGateway({ targets: ['anthropic/claude-test', target], plan: soon });
    gateway.provider.once('/v1/messages', cutAfter(Math.floor(stream.length * 0.7), 'rst', sse(stream)));
    const answer = await ask({ stream: true });
    expect(answer.headers.get('x-signalbox-attempts')).toBeNull();
    expect(await answer.text()).toContain('event: error');
    expect(gateway.provider.requests).toHaveLength(1);
  });
});

describe('what a failed try leaves behind', () => {
  const path = '/v1/chat/completions';
  const whole = (content: string | null, usage: object) =>
    json(200, {
      id: 'x',
      object: 'chat.completion',
      model: 'gpt-test',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
      usage,
    });

  it('is neither notes nor usage', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'], plan: soon });
    gateway.provider.on(path, whole('Hi.', { prompt_tokens: 10, completion_tokens: 2 }));
    await ask({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } });
    const undisturbed = await gateway.nextRecord();
    expect(undisturbed.notes.length).toBeGreaterThan(0);
    gateway.provider.once(
      path,
      whole(null, { prompt_tokens: 99, completion_tokens: 99, prompt_tokens_details: { cached_tokens: 77 } }),
    );
    const answer = await ask({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } });
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    const record = await gateway.nextRecord();
    expect(record.attempts[0]?.error?.code).toBe('EMPTY_REPLY');
    expect([record.notes, record.usage]).toEqual([undisturbed.notes, undisturbed.usage]);
  });

  it('is a request as it was: each try is adapted anew', async () => {
    let adapted = 0;
    const shout = definePlugin({
      name: 'transform-shout',
      apply: ({ hooks }) => {
        hooks.transformIn.tap('transform-shout', (request) => {
          adapted++;
          const system = [...request.system, { type: 'text' as const, text: 'Shout.' }];
          return { ...request, system };
        });
      },
    });
    gateway = await startTestGateway({ targets: ['chat/gpt-test'], plan: soon, plugins: [[shout]] });
    gateway.provider.once(path, providerError(500, { message: 'oops' }));
    gateway.provider.once(path, reply(turn));
    expect((await ask()).status).toBe(200);
    expect(adapted).toBe(2);
    const bodies = gateway.provider.requests.map(({ rawBody }) => rawBody.toString());
    expect(bodies[1]).toBe(bodies[0]);
    expect(bodies[1]?.match(/Shout\./g)).toHaveLength(1);
  });
});

describe('moveOn', () => {
  const targets = ['anthropic/claude-test', 'chat/gpt-test'];
  const limited = providerError(429, { message: 'slow' });

  it('says which failures the next target gets', async () => {
    gateway = await startTestGateway({ targets, plan: { retry: { maxRetries: 0 }, moveOn: ['RATE_LIMITED'] } });
    gateway.provider.on('/v1/chat/completions', reply(turn));
    gateway.provider.once('/v1/messages', limited);
    expect((await ask()).status).toBe(200);
    gateway.provider.once('/v1/messages', providerError(500, { message: 'oops' }));
    expect((await ask()).status).toBe(500);
    expect(gateway.provider.requests.map(({ path }) => path)).toEqual([
      '/v1/messages',
      '/v1/chat/completions',
      '/v1/messages',
    ]);
  });

  it('has no say in whether the same target is asked again', async () => {
    gateway = await startTestGateway({ targets, plan: { ...soon, moveOn: ['RATE_LIMITED'] } });
    gateway.provider.once('/v1/messages', providerError(500, { message: 'oops' }));
    gateway.provider.once('/v1/messages', reply(turn));
    expect((await ask()).status).toBe(200);
  });
});
