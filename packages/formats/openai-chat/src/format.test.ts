import { describe, expect, it } from '@jest/globals';
import { type JsonObject, pluginDefinition, SignalboxError } from '@signalbox/kit';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { testClient, testRequest, testTarget } from '../test/context.ts';
import defaultExport, { openaiChat } from './index.ts';

const whole = (message: JsonObject, finish: string | null = 'stop', rest: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-theirs',
  model: 'theirs',
  choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish }],
  ...rest,
});

describe('the format', () => {
  it('is a plugin that serves its paths with and without /v1', () => {
    expect(defaultExport).toBe(openaiChat);
    expect(pluginDefinition(openaiChat)?.name).toBe('format-openai-chat');
    expect(openaiChat.ingress.map(({ method, path, operation }) => `${method} ${path} ${operation}`)).toEqual([
      'POST /v1/chat/completions chat',
      'GET /v1/models models',
      'GET /v1/models/:model model',
      'POST /chat/completions chat',
      'GET /models models',
      'GET /models/:model model',
    ]);
  });

  it.each([
    [true, '/v1/chat/completions', {}],
    [true, '/v1/models', { 'user-agent': 'OpenAI/JS 7.57.0' }],
    [true, '/v1/models', { 'x-stainless-lang': 'js' }],
    [true, '/v1/models', { authorization: 'Bearer k' }],
    [false, '/v1/models', { authorization: 'Bearer k', 'anthropic-version': '2023-06-01' }],
    [false, '/v1/models', { 'x-stainless-lang': 'js', 'x-api-key': 'k' }],
    [true, '/v1/models', {}],
    [true, '/models/gpt-x', { 'user-agent': 'curl/8' }],
    [false, '/v1/models', { 'anthropic-version': '2023-06-01' }],
    [false, '/v1/models', { 'x-api-key': 'k' }],
    [false, '/v1/messages', {}],
  ])('says %s to %s with %j', (expected, path, headers) => {
    expect(openaiChat.recognises({ method: 'GET', path, headers })).toBe(expected);
  });

  it('F97 lists models with their windows', () => {
    expect(openaiChat.encodeModels([{ id: 'a', contextTokens: 9, ownedBy: 'x' }])).toEqual({
      object: 'list',
      data: [{ id: 'a', object: 'model', created: 0, owned_by: 'x', context_length: 9, context_window: 9 }],
    });
  });

  it('reads usage of a reply that passes through, in the dialect’s way', () => {
    const body = whole({ content: 'x' }, 'stop', { usage: { prompt_tokens: 3, completion_tokens: 4 } });
    expect(openaiChat.inspectReply(body).usage).toEqual({ promptTokens: 3, completionTokens: 4 });
    expect(openaiChat.with({ decodeUsage: () => ({ costUsd: 1 }) }).inspectReply(body).usage).toEqual({ costUsd: 1 });
    expect(openaiChat.inspectReply(whole({ content: 'x' })).usage).toBeUndefined();
  });
});

describe('whole replies', () => {
  it('F07 F15 fail where they are empty, malformed or errors', () => {
    const code = (body: unknown) => {
      try {
        return openaiChat.decodeReply(body as JsonObject, testTarget()).stopReason;
      } catch (error) {
        return SignalboxError.is(error) ? error.code : String(error);
      }
    };
    expect(code(whole({ content: '' }))).toBe('EMPTY_REPLY');
    expect(code(whole({ content: '' }, 'length'))).toBe('max-tokens');
    expect(code(whole({ content: null }, 'tool_calls'))).toBe('EMPTY_REPLY');
    expect(code(whole({ content: 'x' }, null))).toBe('end-turn');
    expect(code(whole({ content: 'x' }, 'error'))).toBe('PROVIDER_FAILED');
    expect(code({ error: { code: 429, message: 'm' } })).toBe('RATE_LIMITED');
    expect(code({ object: 'error', message: 'm', code: 'insufficient_quota' })).toBe('QUOTA_EXHAUSTED');
    expect(
      code({ ...whole({}), choices: [{ error: { code: 502, message: 'm' }, message: { content: 'part' } }] }),
    ).toBe('PROVIDER_FAILED');
    expect(code({ choices: [] })).toBe('MALFORMED_REPLY');
    expect(code([])).toBe('MALFORMED_REPLY');
    expect(code({ ...whole({ content: 'x' }), error: null })).toBe('end-turn');
  });

  it('F09 F58 have calls with the client’s names, whatever the finish reason', () => {
    const target = testTarget();
    const alias = target.toolNames.alias('mcp.server/read file');
    const calls = [{ id: 'call_1', type: 'function', function: { name: alias, arguments: '{"a":1}' } }];
    expect(openaiChat.decodeReply(whole({ tool_calls: calls }), target)).toMatchObject({
      content: [{ type: 'tool-call', id: 'call_1', name: 'mcp.server/read file', input: { a: 1 } }],
      stopReason: 'tool-call',
    });
  });

  it('have the shape that the official SDK declares', () => {
    const reply = {
      content: [
        { type: 'reasoning', text: 'hm', state: { origin: 'deepseek', data: {} } },
        { type: 'text', text: 'Hi' },
        { type: 'tool-call', id: 'c', name: 'f', input: {} },
      ],
      stopReason: 'tool-call',
      usage: { promptTokens: 1, completionTokens: 2 },
    } as const;
    const body = openaiChat.encodeReply(reply, testClient()) as unknown as ChatCompletion & {
      choices: [{ message: JsonObject }];
    };
    const expected: Omit<ChatCompletion, 'id' | 'created'> = {
      object: 'chat.completion',
      model: 'asked-model',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          logprobs: null,
          message: {
            role: 'assistant',
            content: 'Hi',
            refusal: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    expect(body).toMatchObject(expected);
    expect(body.choices[0].message.reasoning_content).toBe('hm');
    expect(Number.isInteger(body.created)).toBe(true);
  });

  it('F88 answer custom tools and functions as the client asked', () => {
    const call = { type: 'tool-call', id: 'c', name: 'patch', input: { input: 'x' } } as const;
    const answer = (body: JsonObject) => {
      const messages = [{ role: 'user', content: 'x' }];
      const client = testClient(testRequest());
      const request = openaiChat.decodeRequest({ model: 'm', messages, ...body }, client);
      const { choices } = openaiChat.encodeReply({ content: [call], stopReason: 'tool-call' }, { ...client, request });
      return (choices as JsonObject[])[0];
    };
    expect(answer({ tools: [{ type: 'custom', custom: { name: 'patch' } }] })).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'patch', input: 'x' } }] },
    });
    expect(answer({ functions: [{ name: 'patch' }] })).toMatchObject({
      finish_reason: 'function_call',
      message: { function_call: { name: 'patch', arguments: '{"input":"x"}' } },
    });
  });

  it('note what is left out', () => {
    const target = testTarget();
    const body = whole({ content: 'x', images: [{ type: 'image_url' }] });
    openaiChat.decodeReply({ ...body, choices: [...(body.choices as JsonObject[]), {}] }, target);
    expect(target.notes.list.map(({ path }) => path).sort()).toEqual(['choices', 'images']);
  });
});
