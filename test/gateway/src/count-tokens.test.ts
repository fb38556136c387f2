import { afterEach, describe, expect, it } from '@jest/globals';
import authApiKey from '@signalbox/auth-api-key';
import { definePlugin } from '@signalbox/kit';
import { json, type Responder } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

const PATH = '/v1/messages/count_tokens';
const KEYS = ['first-key-of-a-client', 'other-key-of-a-client'] as const;

let gateway: TestGateway;
afterEach(() => gateway.close());

const ask = (body: object = messagesBody(), headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(gateway.url + PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...anthropicHeaders, ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
const tokens = async (answer: Response) => ((await answer.json()) as { input_tokens: number }).input_tokens;

/** Answers once told to, with a number that says how often it was asked. */
function gate() {
  const open = Promise.withResolvers<void>();
  let asked = 0;
  const responder: Responder = async (request, wire) => {
    const count = ++asked;
    await Promise.race([open.promise, wire.closed()]);
    await json(200, { input_tokens: 1_000 + count })(request, wire);
  };
  return { responder, open: () => open.resolve() };
}

/** Tells when so many requests were routed: from then on they wait for their count. */
function routes(count: number) {
  const { promise: routed, resolve } = Promise.withResolvers<void>();
  let left = count;
  const plugin = definePlugin({
    name: 'test-routes',
    apply: ({ hooks }) =>
      hooks.route.tap('test-routes', (plan) => {
        if (--left === 0) resolve();
        return plan;
      }),
  });
  return { plugin, routed };
}

/** Answers at once, with a number that says how often it was asked. */
function counter(): Responder {
  let asked = 0;
  return (request, wire) => json(200, { input_tokens: ++asked })(request, wire);
}

describe('counts of tokens', () => {
  it('F30 are asked for once, however many ask the same at once, and for a while after', async () => {
    gateway = await startTestGateway();
    const { responder, open } = gate();
    gateway.provider.on(PATH, responder);
    const answers = Array.from({ length: 50 }, () => ask());
    await gateway.provider.waitForRequest(0);
    open();
    const counted = await Promise.all((await Promise.all(answers)).map(tokens));
    expect(counted).toEqual(Array.from({ length: 50 }, () => 1_001));
    expect(await tokens(await ask())).toBe(1_001);
    expect(gateway.provider.requests).toHaveLength(1);
    for (let index = 0; index < 51; index++) expect(await gateway.nextRecord()).toMatchObject({ status: 200 });
  });

  it.each<[string, object, Record<string, string>]>([
    ['another body', messagesBody({ system: 'more' }), {}],
    ['another model', messagesBody({ model: 'claude-other' }), {}],
    ['another feature of the provider', messagesBody(), { 'anthropic-beta': 'context-1m-2025-08-07' }],
  ])('F30 are asked for anew where they may differ: %s', async (_name, body, headers) => {
    gateway = await startTestGateway();
    gateway.provider.on(PATH, counter());
    expect(await tokens(await ask())).toBe(1);
    expect(await tokens(await ask(body, headers))).toBe(2);
    expect(await tokens(await ask())).toBe(1);
    expect(gateway.provider.requests).toHaveLength(2);
  });

  it('F30 are not shared between the callers of a gateway', async () => {
    gateway = await startTestGateway({
      plugins: [[authApiKey, { keys: KEYS.map((key, index) => ({ key, name: `caller-${index}` })) }]],
    });
    gateway.provider.on(PATH, counter());
    const asks = await Promise.all(KEYS.map((key) => ask(messagesBody(), { 'x-api-key': key })));
    expect((await Promise.all(asks.map(tokens))).sort()).toEqual([1, 2]);
    expect(gateway.provider.requests).toHaveLength(2);
  });

  it('F29 are asked for anew after a refusal, which everyone who waited is told', async () => {
    gateway = await startTestGateway();
    const refusal = { type: 'error', error: { type: 'authentication_error', message: 'no' } };
    gateway.provider.once(PATH, json(401, refusal));
    gateway.provider.on(PATH, json(200, { input_tokens: 5 }));
    expect((await ask()).status).toBe(502);
    expect(await tokens(await ask())).toBe(5);
  });

  it('F37 are still given to the others when a client leaves that asked first', async () => {
    const { plugin, routed } = routes(3);
    gateway = await startTestGateway({ plugins: [[plugin]] });
    const { responder, open } = gate();
    gateway.provider.on(PATH, responder);
    const leaver = new AbortController();
    const left = ask(messagesBody(), {}, leaver.signal).catch((error: Error) => error.name);
    await gateway.provider.waitForRequest(0);
    const others = [ask(), ask()];
    await routed;
    leaver.abort();
    expect(await left).toBe('AbortError');
    expect(await gateway.nextRecord()).toMatchObject({ status: 499, aborted: true });
    open();
    expect(await Promise.all((await Promise.all(others)).map(tokens))).toEqual([1_001, 1_001]);
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it('F37 end at the provider when nobody waits for them any more', async () => {
    const { plugin, routed } = routes(3);
    gateway = await startTestGateway({ plugins: [[plugin]] });
    gateway.provider.once(PATH, (_request, wire) => wire.closed());
    gateway.provider.on(PATH, json(200, { input_tokens: 9 }));
    const leavers = new AbortController();
    const left = [1, 2, 3].map(() => ask(messagesBody(), {}, leavers.signal).catch((error: Error) => error.name));
    const upstream = await gateway.provider.waitForRequest(0);
    await routed;
    leavers.abort();
    expect(await Promise.all(left)).toEqual(['AbortError', 'AbortError', 'AbortError']);
    await upstream.aborted;
    for (let index = 0; index < 3; index++) await gateway.nextRecord();
    expect(await tokens(await ask())).toBe(9);
  });
});
