import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import type { JsonObject, RoutePlan } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import providerGemini from '@signalbox/provider-gemini';
import {
  anthropicTurn,
  cutAfter,
  geminiTurn,
  headersThenHang,
  openaiChatTurn,
  type Responder,
  reply,
  sse,
} from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const TEXT = 'Once upon a time there was a gateway.';
const turn = { text: TEXT, usage: { promptTokens: 7, completionTokens: 9 } };
const MODEL = 'claude-haiku-4-5';

/** What a provider has sent when it has said how its answer ends, and the path that it is asked at. */
const finished: Record<string, readonly [target: string, path: string, frames: readonly string[]]> = {
  anthropic: [`anthropic/${MODEL}`, '/v1/messages', anthropicTurn(turn, { model: MODEL }).frames.slice(0, -1)],
  vllm: ['vllm/m', '/v1/chat/completions', openaiChatTurn(turn, { model: 'm' }).frames.slice(0, -1)],
  gemini: ['gemini/g', '/v1beta/models/g:streamGenerateContent', geminiTurn(turn, { model: 'g' }).frames],
};

const breaks: Record<string, (stream: string) => Responder> = {
  closed: (stream) => sse(stream),
  'cut off': (stream) => cutAfter(Buffer.byteLength(stream), 'fin', sse(`${stream}:more`)),
  reset: (stream) => cutAfter(Buffer.byteLength(stream), 'rst', sse(`${stream}:more`)),
  'half a frame': (stream) => sse(`${stream}event: mess`),
  silent: (stream) => headersThenHang({ content: stream }),
};

/** A responder that breaks off in this way behind a stream. */
const breaking = (how: string) => breaks[how] ?? sse;

const start = (
  target: string,
  how: string,
  plan: Partial<RoutePlan> = { onCut: 'continue', retry: { maxRetries: 0 } },
) => {
  const timeouts: JsonObject = how === 'silent' ? { idleMs: 300 } : {};
  return startTestGateway({
    targets: [target, 'vllm/other'],
    plan,
    timeouts,
    plugins: (url) => [
      [formatGemini],
      [providerGemini, { apiKey: 'k', baseUrl: url, timeouts }],
      [
        providerCompatible,
        {
          name: 'vllm',
          baseUrl: `${url}/v1`,
          format: 'openai-chat',
          dialect: { prefill: 'continue_final_message' },
          timeouts,
        },
      ],
    ],
  });
};

const clients: Record<string, { ask: () => Promise<Response>; end: RegExp }> = {
  anthropic: {
    ask: () => gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders),
    end: /"stop_reason":"end_turn"[\s\S]*event: message_stop\ndata: .*\n\n$/,
  },
  chat: {
    ask: () => gateway.post('/v1/chat/completions', chatBody({ stream: true })),
    end: /"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/,
  },
};

describe('F21 an answer that passes through and is all there but for its terminator', () => {
  it.each([
    ...Object.keys(breaks).map((how) => [how, `anthropic/${MODEL}`, 'anthropic'] as const),
    ...Object.keys(breaks).map((how) => [how, 'chat/m', 'vllm'] as const),
  ])('is no failure: %s, %s', async (how, target, provider) => {
    const [, path, frames] = finished[provider] ?? ['', '', []];
    const stream = frames.join('');
    gateway = await start(target, how, { retry: { maxRetries: 0 } });
    gateway.provider.once(path, breaking(how)(stream));
    const asked = target.slice(target.indexOf('/') + 1);
    const answer =
      provider === 'anthropic'
        ? gateway.post('/v1/messages', messagesBody({ model: asked, stream: true }), anthropicHeaders)
        : gateway.post('/v1/chat/completions', chatBody({ model: asked, stream: true }));
    const text = await (await answer).text();
    // As it came, and not a word about a failure.
    expect(text.startsWith(stream)).toBe(true);
    expect(text).not.toMatch(/event: error|"error":\{/);
    const record = await gateway.nextRecord();
    expect(record).toMatchObject({ lane: 'pass-through', attempts: [{ outcome: 'answered' }] });
    expect(record).not.toHaveProperty('error');
  });
});

it.each(['end', 'fin', 'rst'] as const)(
  'F21 half a frame that passed through is closed before the error: %s',
  async (how) => {
    const stream = anthropicTurn({ text: ['one', 'two'] }, { model: MODEL }).sse;
    gateway = await start(`anthropic/${MODEL}`, how, { retry: { maxRetries: 0 } });
    gateway.provider.once('/v1/messages', cutAfter(stream.indexOf('two'), how, sse(stream)));
    const answer = await gateway.post('/v1/messages', messagesBody({ model: MODEL, stream: true }), anthropicHeaders);
    const text = await answer.text();
    expect(text).toMatch(/[^\n]\nevent: error\ndata: \{"type":"error".*\}\n\n$/);
    expect(await gateway.nextRecord()).toMatchObject({ error: { code: 'CUT_STREAM' }, attempts: [{ outcome: 'cut' }] });
  },
);

describe.each(Object.entries(clients))(
  'F21 F23 an answer towards a client of %s that is all there but for its terminator',
  (_client, { ask, end }) => {
    describe.each(Object.keys(finished))('from %s', (provider) => {
      it.each(Object.keys(breaks))('is ended, and never continued: %s', async (how) => {
        const [target, path, frames] = finished[provider] ?? ['', '', []];
        gateway = await start(target, how);
        gateway.provider.once(path, breaking(how)(frames.join('')));
        gateway.provider.on('/v1/chat/completions', reply({ text: ' And more.' }));
        const text = await (await ask()).text();
        expect(text).toMatch(end);
        expect(text).not.toContain('And more');
        expect(gateway.provider.requests).toHaveLength(1);
        const record = await gateway.nextRecord();
        expect(record.attempts.map(({ outcome, as }) => [outcome, as] as const)).toEqual([['answered', undefined]]);
        expect(record.error).toBeUndefined();
        expect(record.usage as JsonObject | undefined).toMatchObject({ promptTokens: 7, completionTokens: 9 });
      });
    });
  },
);
