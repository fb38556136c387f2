import { afterEach, describe, expect, it } from '@jest/globals';
import { anthropicTurn, json, openaiChatTurn, reply, sse } from '@signalbox/testkit';
import {
  argumentsOf,
  askMessages,
  CHAT_PATH,
  chatAnswer,
  dataFrames,
  framesOf,
  MESSAGES_PATH,
  startCatalogueGateway,
  TOOL,
} from './catalogue.ts';
import { anthropicHeaders, chatBody, messagesBody, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const call = (index: number, name: string, args: string) => ({
  index,
  id: `call_${name}`,
  type: 'function',
  function: { name, arguments: args },
});
const more = (index: number, args: string) => ({ tool_calls: [{ index, function: { arguments: args } }] });

describe.each([
  ['whole', false],
  ['streamed', true],
])('a Chat provider’s reply for an Anthropic client, %s', (_name, stream) => {
  const ask = (extra: object = {}) => askMessages(gateway, messagesBody({ stream, ...extra }));

  it('F01 F03 has reasoning in its own block before the text, and starts once', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const deltas = [
      { role: 'assistant', reasoning_content: 'Let me ' },
      { role: 'assistant', reasoning_content: 'think.' },
      { role: 'assistant', content: 'Done.' },
    ];
    gateway.provider.on(CHAT_PATH, chatAnswer(deltas, { reasoning_content: 'Let me think.', content: 'Done.' }));
    const { content, stopReason } = await ask();
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Let me think.' },
      { type: 'text', text: 'Done.' },
    ]);
    expect(stopReason).toBe('end_turn');
  });

  it('F04 keeps calls apart whose arguments interleave', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const calls = [call(0, 'f', '{"a":"1"}'), call(1, 'g', '{"b":"2"}')];
    const deltas = [
      { tool_calls: [call(0, 'f', '{"a"')] },
      { tool_calls: [call(1, 'g', '{"b"')] },
      more(0, ':"1"}'),
      more(1, ':"2"}'),
    ];
    gateway.provider.on(CHAT_PATH, chatAnswer(deltas, { tool_calls: calls }, { finish: 'tool_calls' }));
    const { content } = await ask({ tools: [TOOL, { ...TOOL, name: 'g' }] });
    expect(content.map((block) => [block.name, argumentsOf(block)])).toEqual([
      ['f', '{"a":"1"}'],
      ['g', '{"b":"2"}'],
    ]);
  });

  it('F06 F09 has a call that came whole, beside the finish reason "stop", as a call', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const calls = [call(0, 'f', '{"a":"whole"}')];
    gateway.provider.on(CHAT_PATH, chatAnswer([{ tool_calls: calls }], { tool_calls: calls }, { finish: 'stop' }));
    const { content, stopReason } = await ask({ tools: [TOOL] });
    expect(content.map(argumentsOf)).toEqual(['{"a":"whole"}']);
    expect(stopReason).toBe('tool_use');
  });

  it('F07 is a failure where it has no content', async () => {
    gateway = await startCatalogueGateway('chat/m');
    gateway.provider.on(CHAT_PATH, chatAnswer([{ role: 'assistant', content: '' }], { content: '' }));
    const { status, error } = await ask();
    expect([status, error]).toMatchObject([502, { type: 'api_error' }]);
    expect((await gateway.nextRecord()).error?.code).toBe('EMPTY_REPLY');
  });

  it('F11 ends with max_tokens and the beginning of arguments as it is', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const calls = [call(0, 'f', '{"a":"cut of')];
    gateway.provider.on(CHAT_PATH, chatAnswer([{ tool_calls: calls }], { tool_calls: calls }, { finish: 'length' }));
    const { content, stopReason } = await ask({ tools: [TOOL] });
    expect(stopReason).toBe('max_tokens');
    // A whole reply has no place for text that is no JSON: it stands under a name that no tool knows.
    expect(stream ? content[0]?.json : content[0]?.input).toEqual(stream ? '{"a":"cut of' : { _raw: '{"a":"cut of' });
  });

  it('F14 F100 has arguments exactly as they came, with odd keys', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const calls = [call(0, 'f', '{"path ":" a.txt ","continue\\n":true}')];
    gateway.provider.on(CHAT_PATH, chatAnswer([{ tool_calls: calls }], { tool_calls: calls }));
    const { content } = await ask({ tools: [TOOL] });
    expect(argumentsOf(content[0])).toBe('{"path ":" a.txt ","continue\\n":true}');
  });

  it('F15 is a failure where a 200 holds an error', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const error = { error: { message: 'upstream is on fire', type: 'server_error', code: 500 } };
    gateway.provider.on(CHAT_PATH, stream ? sse(dataFrames(error)) : json(200, error));
    const answer = await ask();
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.error).toMatchObject({ type: 'api_error', message: expect.stringContaining('upstream is on fire') });
  });

  it('F10 tells an overflow inside a 200 in the words that compact', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const message = "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.";
    const error = { error: { message, type: 'invalid_request_error', code: 'context_length_exceeded' } };
    gateway.provider.on(CHAT_PATH, stream ? sse(dataFrames(error)) : json(200, error));
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(answer.error).toEqual({
      type: 'invalid_request_error',
      message: 'prompt is too long: 9000 tokens > 8192 maximum',
    });
  });
});

describe('a stream', () => {
  it.each([
    ['chat/m', CHAT_PATH, 'canonical'],
    ['anthropic/claude-test', MESSAGES_PATH, 'pass-through'],
  ])('F13 keeps characters that were cut between bytes, from %s', async (target, path, lane) => {
    gateway = await startCatalogueGateway(target);
    const text = 'Grüße 🚦 信号箱 👩‍👩‍👧';
    gateway.provider.on(path, reply({ text: [text] }, { chunkSize: 1 }));
    const answer = await askMessages(gateway, messagesBody({ stream: true }));
    expect(answer.content).toMatchObject([{ type: 'text', text }]);
    expect(answer.headers.get('x-signalbox-lane')).toBe(lane);
  });

  it('F10 F17 that overflows in its middle ends with the error that compacts, for each client', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const head = openaiChatTurn({ text: 'So far so' }).frames.slice(0, 2).join('');
    // No code says it here, only the words.
    const message = 'The input (9000 tokens) is longer than the model’s context length (8192 tokens).';
    const error = dataFrames({ error: { message, type: 'invalid_request_error' } });
    gateway.provider.on(CHAT_PATH, sse([head, error], { delayMs: 20 }));
    const anthropic = await askMessages(gateway, messagesBody({ stream: true }));
    expect(anthropic.content).toMatchObject([{ text: 'So far so' }]);
    expect(anthropic.error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(/^prompt is too long/),
    });
    expect(anthropic.stopReason).toBeUndefined();
    expect(anthropic.text).not.toContain('message_stop');
  });

  it('F18 of Anthropic with an error frame that has no name tells the client by name and by type', async () => {
    gateway = await startCatalogueGateway('anthropic/claude-test');
    const head = anthropicTurn({ text: ['Hi ', 'there'] })
      .frames.slice(0, 3)
      .join('');
    const error = dataFrames({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    gateway.provider.on(MESSAGES_PATH, sse([head, error], { delayMs: 20 }));
    const answer = await gateway.post(MESSAGES_PATH, messagesBody({ stream: true }), anthropicHeaders);
    const frames = framesOf(await answer.text());
    const told = frames.filter(({ event, data }) => event === 'error' && data.type === 'error');
    expect(told.map(({ data }) => data)).toMatchObject([{ error: { message: expect.stringContaining('Overloaded') } }]);
    expect(frames.some(({ data }) => data.type === 'message_stop')).toBe(false);
  });

  it('F17 F21 for a Chat client ends with an error frame, without a finish reason and without [DONE]', async () => {
    gateway = await startCatalogueGateway('anthropic/claude-test');
    const head = anthropicTurn({ text: ['Hi ', 'there'] })
      .frames.slice(0, 3)
      .join('');
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    gateway.provider.on(MESSAGES_PATH, sse([head, `event: error\n${dataFrames(error)}`], { delayMs: 20 }));
    const answer = await gateway.post(CHAT_PATH, chatBody({ stream: true }));
    const text = await answer.text();
    expect(framesOf(text).at(-1)?.data).toMatchObject({ error: { message: expect.stringContaining('Overloaded') } });
    expect(text).not.toMatch(/\[DONE\]|"finish_reason":"/);
  });

  it('F87 from a Chat provider without roles and with calls that all have the index 0 stays in order', async () => {
    gateway = await startCatalogueGateway('chat/m');
    const deltas = [
      { content: 'Two calls.' },
      { tool_calls: [call(0, 'f', '{"a":"1"}')] },
      { tool_calls: [call(0, 'g', '{"b":"2"}')] },
    ];
    gateway.provider.on(CHAT_PATH, chatAnswer(deltas, {}, { finish: 'tool_calls' }));
    const { content } = await askMessages(gateway, messagesBody({ stream: true, tools: [TOOL] }));
    expect(content.map((block) => block.text ?? [block.name, argumentsOf(block)])).toEqual([
      'Two calls.',
      ['f', '{"a":"1"}'],
      ['g', '{"b":"2"}'],
    ]);
  });

  it('F20 is kept alive by comments for a Chat client', async () => {
    gateway = await startCatalogueGateway('anthropic/claude-test', { server: { keepAliveMs: 60 } });
    const { frames } = anthropicTurn({ text: ['Slow ', 'answer.'] });
    const at = frames.length - 4;
    const alive = Promise.withResolvers<void>();
    gateway.provider.on(MESSAGES_PATH, async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await wire.write(Buffer.from(frames.slice(0, at).join('')));
      await alive.promise;
      await wire.write(Buffer.from(frames.slice(at).join('')));
      await wire.end();
    });
    const { body } = await gateway.post(CHAT_PATH, chatBody({ stream: true }));
    let text = '';
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if ((text.match(/^: keep-alive$/gm)?.length ?? 0) >= 2) alive.resolve();
    }
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });
});
