import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, StopReason } from '@signalbox/kit';
import {
  conversation,
  errorFrame,
  geminiTurn,
  ollamaTurn,
  pingOnly,
  providerError,
  responsesTurn,
  type ScriptedProvider,
  startScriptedProvider,
  type Turn,
} from './index.ts';

let provider: ScriptedProvider;
beforeEach(async () => {
  provider = await startScriptedProvider();
});
afterEach(() => provider.close());

const ask = (path: string, body: object = {}, headers: Record<string, string> = {}) =>
  fetch(`${provider.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers });

describe('the format of a request', () => {
  it('is that of its path, whole or streamed as each format says it', async () => {
    provider.on(/./, conversation([1, 2, 3, 4, 5, 6, 7].map((n) => ({ text: `turn ${n}` }))));
    expect(await (await ask('/v1/responses', { model: 'a' })).json()).toMatchObject({
      id: 'resp_scripted_0',
      model: 'a',
      output: [{ content: [{ text: 'turn 1' }] }],
    });
    const responses = await ask('/v1/responses', { model: 'a', stream: true });
    expect(responses.headers.get('x-request-id')).toBe('req_scripted_1');
    expect(await responses.text()).toMatch(/^event: response\.created\n/);

    expect(await (await ask('/v1beta/models/b:generateContent')).json()).toMatchObject({
      modelVersion: 'b',
      candidates: [{ content: { role: 'model', parts: [{ text: 'turn 3' }] }, finishReason: 'STOP' }],
    });
    const gemini = await ask('/v1beta/models/b:streamGenerateContent?alt=sse');
    expect(gemini.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await gemini.text()).toMatch(/^data: \{"candidates":\[.*"modelVersion":"b"/);

    const lines = await ask('/api/chat', { model: 'c' });
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
    const said = (await lines.text()).trimEnd().split('\n');
    expect(said.map((line) => (JSON.parse(line) as JsonObject).done)).toEqual([false, true]);
    const ollama = await ask('/api/chat', { model: 'c', stream: false });
    expect(ollama.headers.get('content-type')).toBe('application/json');
    expect(await ollama.json()).toMatchObject({ model: 'c', message: { content: 'turn 6' }, done: true });

    for (const path of ['/v1/responses/input_tokens', '/v1beta/models/b:countTokens', '/api/show']) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  it.each([
    ['/v1/responses', 'event: keepalive\ndata: {"type":"keepalive"', 'text/event-stream; charset=utf-8'],
    ['/v1beta/models/b:streamGenerateContent', ': keep-alive\n\n', 'text/event-stream; charset=utf-8'],
    ['/api/chat', '{"model":"c","message":{"role":"assistant","content":""},"done":false}\n', 'application/x-ndjson'],
  ])('makes the pings of %s', async (path, ping, type) => {
    provider.on(/./, pingOnly({ everyMs: 1 }));
    const answer = await ask(path, { model: 'c' });
    expect(answer.headers.get('content-type')).toBe(type);
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain(ping);
    await reader?.cancel();
  });

  it.each([
    ['/v1/responses/input_tokens', { error: { message: 'slow', type: 'server_error', param: null, code: 'c' } }],
    [
      '/v1beta/models/b:countTokens',
      { error: { code: 429, message: 'slow', status: 'RESOURCE_EXHAUSTED', details: [{ reason: 'c' }] } },
    ],
    ['/api/show', { error: 'slow' }],
  ])('makes the errors of %s', async (path, body) => {
    provider.on(/./, providerError(429, { message: 'slow', code: 'c' }));
    expect(await (await ask(path)).json()).toMatchObject(body);
    expect(Object.keys(body)).toEqual(['error']);
  });

  it('makes the errors of streams', async () => {
    for (const path of ['/v1/responses', '/v1beta/models/b:streamGenerateContent', '/api/chat']) await ask(path);
    const [responses, gemini, ollama] = provider.requests.map((request) => errorFrame(request, { message: 'm' }));
    expect(responses?.match(/^event: .*/gm)).toEqual(['event: error', 'event: response.failed']);
    expect(gemini).toBe('data: {"error":{"code":500,"message":"m","status":"INTERNAL"}}\n\n');
    expect(ollama).toBe('{"error":"m"}\n');
  });
});

describe('why a turn ended', () => {
  const turn = (stopReason: StopReason): Turn => ({ text: 'Hm.', stopReason });

  it.each<[StopReason, string, string | null, string, string]>([
    ['end-turn', 'completed', null, 'STOP', 'stop'],
    ['stop-sequence', 'completed', null, 'STOP', 'stop'],
    ['max-tokens', 'incomplete', 'max_output_tokens', 'MAX_TOKENS', 'length'],
    ['context-window-exceeded', 'incomplete', 'max_output_tokens', 'MAX_TOKENS', 'length'],
    ['refusal', 'incomplete', 'content_filter', 'SAFETY', 'stop'],
  ])('%s has the word of each format', (reason, status, why, finishReason, doneReason) => {
    const { body, sse } = responsesTurn(turn(reason));
    expect(body).toMatchObject({
      status,
      incomplete_details: why === null ? null : { reason: why },
      output: [{ status }],
    });
    expect(sse).toContain(`event: response.${status}\n`);
    expect(geminiTurn(turn(reason)).body.candidates).toMatchObject([{ finishReason }]);
    expect(ollamaTurn(turn(reason)).body).toMatchObject({ done_reason: doneReason });
  });

  it('takes other words', () => {
    const other: Turn = { rawStopReason: 'steered' };
    expect(responsesTurn(other).body).toMatchObject({ incomplete_details: { reason: 'steered' }, output: [] });
    expect(geminiTurn(other).body.candidates).toEqual([
      { content: { role: 'model' }, finishReason: 'steered', index: 0 },
    ]);
    expect(ollamaTurn(other).frames.join('')).toContain('"done_reason":"steered"');
  });
});

describe('what the formats cannot say', () => {
  const calls: Turn = { toolCalls: [{ id: 'a', name: 'n', arguments: '{"x": ' }] };

  it('arguments that do not parse go as text or not at all', () => {
    expect(responsesTurn(calls).body.output).toMatchObject([{ arguments: '{"x": ' }]);
    expect(ollamaTurn(calls).body.message).toMatchObject({ tool_calls: [{ function: { arguments: {} } }] });
    const parts = geminiTurn(calls).body.candidates;
    expect(parts).toMatchObject([{ content: { parts: [{ functionCall: { id: 'a', name: 'n', args: {} } }] } }]);
  });

  it('Gemini signs one part, and only where something was thought or called', () => {
    const signatures = (turn: Turn) => geminiTurn(turn).sse.match(/thoughtSignature/g)?.length ?? 0;
    expect(signatures({ text: 'x' })).toBe(0);
    expect(signatures({ reasoning: 'r', text: 'x' })).toBe(1);
    expect(signatures({ toolCalls: [...(calls.toolCalls ?? []), { id: 'b', name: 'n', arguments: {} }] })).toBe(1);
  });

  it('Responses seals reasoning that has no summary', () => {
    const { body, sse } = responsesTurn({ signature: 'c2ln', text: 'x' });
    expect(body.output).toMatchObject([{ type: 'reasoning', summary: [], encrypted_content: 'c2ln' }, {}]);
    expect(sse).not.toContain('summary_part');
  });
});
