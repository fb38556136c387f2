import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from '@jest/globals';
import providerAnthropic from '@signalbox/provider-anthropic';
import providerCompatible from '@signalbox/provider-compatible';
import fallback from '@signalbox/route-fallback';
import scenarios from '@signalbox/route-scenarios';
import {
  cutAfter,
  dropConnection,
  errorFrame,
  providerError,
  type Responder,
  reply,
  type ScriptedProvider,
  sse,
  startScriptedProvider,
} from '@signalbox/testkit';
import OpenAI from 'openai';
import { startGateway } from './gateway.ts';

const STEPS = 8;
const FAULTS: readonly Responder[] = [
  dropConnection('rst'),
  providerError(500, { message: 'the engine is on fire' }),
  providerError(429, { message: 'too many', type: 'rate_limit_error' }),
  (request, wire) =>
    request.body?.stream === true
      ? sse(errorFrame(request, { type: 'api_error', message: 'no capacity left' }))(request, wire)
      : providerError(503, { message: 'no capacity left' })(request, wire),
  cutAfter(0, 'rst', sse('x')),
  providerError(401, { type: 'authentication_error', message: 'invalid key' }),
  providerError(529, { type: 'overloaded_error', message: 'Overloaded' }),
];

/** Every other call is a fault; a good one asks for the next step of a counter, up to the last. */
function halfBroken(): Responder {
  let calls = 0;
  let step = 0;
  return (request, wire) => {
    const call = calls++;
    const fault = call % 2 === 0 ? FAULTS[(call / 2) % FAULTS.length] : undefined;
    if (fault !== undefined) return fault(request, wire);
    const last = step === STEPS;
    const turn = last
      ? { text: 'counted' }
      : { text: 'next', toolCalls: [{ id: `call_${step}`, name: 'add', arguments: { number: step } }] };
    step++;
    return reply(turn)(request, wire);
  };
}

const gatewayFor = (provider: ScriptedProvider, first: string, second: string) =>
  startGateway({
    plugins: [
      [providerAnthropic, { name: 'anthropic', baseUrl: provider.url, apiKey: 'key-of-anthropic' }],
      [
        providerCompatible,
        { name: 'chat', format: 'openai-chat', baseUrl: `${provider.url}/v1`, apiKey: 'key-of-chat' },
      ],
      [scenarios, { default: `${first}/model` }],
      [fallback, { fallbacks: {}, default: [`${second}/model`], retry: { maxRetries: 0 } }],
    ],
  });

describe.each([
  ['anthropic', 'chat'],
  ['chat', 'anthropic'],
])('a provider that fails every other time, %s with %s behind it', (first, second) => {
  it.each([false, true])('is no matter to the Anthropic SDK (streaming: %s)', async (stream) => {
    await using provider = await startScriptedProvider({ script: halfBroken() });
    await using gateway = await gatewayFor(provider, first, second);
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'x', maxRetries: 0 });
    const numbers: number[] = [];
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Count.' }];
    for (;;) {
      const body = {
        model: 'whatever',
        max_tokens: 100,
        messages,
        tools: [{ name: 'add', input_schema: { type: 'object' as const, properties: { number: { type: 'number' } } } }],
      };
      const message = stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body);
      const calls = message.content.filter((block) => block.type === 'tool_use');
      if (calls.length === 0) {
        expect(message.content).toMatchObject([{ type: 'text', text: 'counted' }]);
        break;
      }
      messages.push({ role: 'assistant', content: message.content });
      const results = calls.map(({ id, input }) => {
        numbers.push((input as { number: number }).number);
        return { type: 'tool_result' as const, tool_use_id: id, content: 'added' };
      });
      messages.push({ role: 'user', content: results });
    }
    expect(numbers).toEqual(Array.from({ length: STEPS }, (_, index) => index));
    expect(provider.requests).toHaveLength(2 * (STEPS + 1));
  });

  it.each([false, true])('is no matter to the OpenAI SDK (streaming: %s)', async (stream) => {
    await using provider = await startScriptedProvider({ script: halfBroken() });
    await using gateway = await gatewayFor(provider, first, second);
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'x', maxRetries: 0 });
    const numbers: number[] = [];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Count.' }];
    for (;;) {
      const body = {
        model: 'whatever',
        messages,
        tools: [
          {
            type: 'function' as const,
            function: { name: 'add', parameters: { type: 'object', properties: { number: { type: 'number' } } } },
          },
        ],
      };
      const { choices } = stream
        ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body);
      const message = choices[0]?.message;
      const calls = message?.tool_calls ?? [];
      if (message === undefined || calls.length === 0) {
        expect(message?.content).toBe('counted');
        break;
      }
      messages.push({ role: 'assistant', content: message.content, tool_calls: calls });
      for (const call of calls) {
        if (call.type !== 'function') throw new Error('not a function call');
        numbers.push((JSON.parse(call.function.arguments) as { number: number }).number);
        messages.push({ role: 'tool', tool_call_id: call.id, content: 'added' });
      }
    }
    expect(numbers).toEqual(Array.from({ length: STEPS }, (_, index) => index));
    expect(provider.requests).toHaveLength(2 * (STEPS + 1));
  });
});
