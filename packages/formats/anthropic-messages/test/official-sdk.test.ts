import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from '@jest/globals';
import { type ChatReply, errors, messageToEvents } from '@signalbox/kit';
import { anthropicMessages } from '../src/index.ts';
import { client } from './support.ts';

/** The official client, whose server is this package. */
function sdk(status: number, contentType: string, text: string, headers: Record<string, string> = {}): Anthropic {
  const answer = () => new Response(text, { status, headers: { 'content-type': contentType, ...headers } });
  return new Anthropic({ apiKey: 'test', maxRetries: 0, fetch: async () => answer() });
}

const PARAMS = { model: 'asked', max_tokens: 9, messages: [{ role: 'user' as const, content: 'hi' }] };
const REPLY: ChatReply = {
  content: [
    { type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'c2ln' } },
    { type: 'text', text: 'Grüße 🌊' },
    { type: 'tool-call', id: 'toolu_a', name: 'f', input: { a: [1, { b: null }] } },
    { type: 'tool-call', id: 'toolu_b', name: 'g', input: {} },
  ],
  stopReason: 'tool-call',
  usage: { promptTokens: 12, cacheReadTokens: 4, cacheWriteTokens: 0, completionTokens: 7 },
};

describe('the official SDK', () => {
  it('F87 puts a stream together to the message that a whole reply is', async () => {
    const encoder = anthropicMessages.createStreamEncoder(client());
    const text = encoder.open() + encoder.keepAlive() + encoder.encode(messageToEvents(REPLY));
    const streamed = await sdk(200, encoder.contentType, text).messages.stream(PARAMS).finalMessage();
    const whole = JSON.stringify(anthropicMessages.encodeReply(REPLY, client()));
    const message = await sdk(200, 'application/json', whole).messages.create(PARAMS);
    for (const { content, model, stop_reason } of [streamed, message]) {
      expect(content).toMatchObject([
        { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
        { type: 'text', text: 'Grüße 🌊' },
        { type: 'tool_use', id: 'toolu_a', name: 'f', input: { a: [1, { b: null }] } },
        { type: 'tool_use', id: 'toolu_b', name: 'g', input: {} },
      ]);
      expect([model, stop_reason]).toEqual(['asked', 'tool_use']);
    }
    expect(streamed.usage).toMatchObject({ input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 7 });
    expect(message.usage).toMatchObject({ input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 7 });
  });

  it('F17 F18 throws on a stream that failed', async () => {
    const encoder = anthropicMessages.createStreamEncoder(client());
    const text = encoder.encode(messageToEvents(REPLY).slice(0, 4)) + encoder.fail(errors.cutStream('it was cut'));
    await expect(sdk(200, encoder.contentType, text).messages.stream(PARAMS).finalMessage()).rejects.toThrow(
      'it was cut',
    );
  });

  it('throws the class that the status stands for', async () => {
    const { status, headers, body } = anthropicMessages.encodeError(errors.rateLimited('slow down'), {
      exchangeId: 'req_9',
    });
    const all = { ...headers, [anthropicMessages.requestIdHeader]: 'req_9' };
    await expect(
      sdk(status, 'application/json', JSON.stringify(body), all).messages.create(PARAMS),
    ).rejects.toMatchObject({
      status: 429,
      requestID: 'req_9',
    });
  });

  it('reads the list of models', async () => {
    const list = JSON.stringify(anthropicMessages.encodeModels([{ id: 'claude-a' }, { id: 'claude-b' }]));
    const ids: string[] = [];
    for await (const model of sdk(200, 'application/json', list).models.list()) ids.push(model.id);
    expect(ids).toEqual(['claude-a', 'claude-b']);
  });
});
