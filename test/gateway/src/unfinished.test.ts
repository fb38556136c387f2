import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import formatResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import { json, type Responder, sse } from '@signalbox/testkit';
import { messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const messages = [{ role: 'user', content: 'hi' }];
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
const functionTool = { type: 'function', function: { name: 'f', parameters } };
const GEMINI_TOOLS = [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: parameters }] }];

interface Client {
  readonly name: string;
  readonly ask: (stream: boolean) => readonly [path: string, body: object];
  /** What says that the answer was cut off, and what would say that it was not. */
  readonly cut: string;
  readonly finished: string;
  /** Whether a call comes that was cut, and how a whole one shows its arguments. */
  readonly cutCall: 'as text' | 'under _raw where it is whole' | 'never';
}

const CHAT: Client = {
  name: 'Chat',
  ask: (stream) => ['/v1/chat/completions', { model: 'm', stream, messages, tools: [functionTool] }],
  cut: '"finish_reason":"length"',
  finished: '"finish_reason":"stop"',
  cutCall: 'as text',
};
const RESPONSES: Client = {
  name: 'Responses',
  ask: (stream) => [
    '/v1/responses',
    { model: 'm', stream, input: 'hi', tools: [{ type: 'function', name: 'f', parameters }] },
  ],
  cut: '"incomplete_details":{"reason":"max_output_tokens"}',
  finished: '"completed_at":1',
  cutCall: 'as text',
};
const GEMINI: Client = {
  name: 'Gemini',
  ask: (stream) => [
    `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents, tools: GEMINI_TOOLS },
  ],
  cut: '"finishReason":"MAX_TOKENS"',
  finished: '"finishReason":"STOP"',
  cutCall: 'never',
};
const OLLAMA: Client = {
  name: 'Ollama',
  ask: (stream) => ['/api/chat', { model: 'm', stream, messages, tools: [functionTool] }],
  cut: '"done_reason":"length"',
  finished: '"done_reason":"stop"',
  cutCall: 'never',
};
const ANTHROPIC: Client = {
  name: 'Anthropic',
  ask: (stream) => ['/v1/messages', messagesBody({ stream, tools: [{ name: 'f', input_schema: parameters }] })],
  cut: '"stop_reason":"max_tokens"',
  finished: '"stop_reason":"end_turn"',
  cutCall: 'under _raw where it is whole',
};

const start = async (target: string, path: string, responder: Responder): Promise<void> => {
  gateway = await startTestGateway({ targets: [target], plugins: [[formatGemini], [formatOllama], [formatResponses]] });
  gateway.provider.on(path, responder);
};

/** Answers whole or streamed, as asked. */
const either =
  (whole: JsonObject, frames: readonly JsonObject[]): Responder =>
  (request, wire) => {
    const { stream } = request.body as { stream?: boolean };
    const text = frames.map((frame) => `event: ${String(frame.type)}\ndata: ${JSON.stringify(frame)}\n\n`).join('');
    return (stream === true ? sse(text) : json(200, whole))(request, wire);
  };

const PAUSED = { id: 'm', type: 'message', role: 'assistant', model: 'c', stop_sequence: null };
const usage = { input_tokens: 1, output_tokens: 1 };
const pause = either(
  { ...PAUSED, content: [{ type: 'text', text: 'I will look.' }], stop_reason: 'pause_turn', usage },
  [
    { type: 'message_start', message: { ...PAUSED, content: [], stop_reason: null, usage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'I will look.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'pause_turn', stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ],
);

const STREAMED = [false, true] as const;
const cells = (clients: readonly Client[]) =>
  clients.flatMap((client) => STREAMED.map((stream) => ({ ...client, stream })));

describe('a turn that Anthropic paused', () => {
  it.each(cells([CHAT, RESPONSES, GEMINI, OLLAMA]))(
    'does not look finished to $name, streamed: $stream',
    async (client) => {
      await start('anthropic/claude-test', '/v1/messages', pause);
      const answer = await gateway.post(...client.ask(client.stream));
      const text = await answer.text();
      expect(text).toContain('I will look.');
      expect(text).toContain(client.cut);
      expect(text).not.toContain(client.finished);
      const { notes } = await gateway.nextRecord();
      expect(notes).toContainEqual({
        path: 'stopReason',
        action: 'approximated',
        reason: expect.stringContaining('paused'),
      });
    },
  );
});

const delta = (more: JsonObject, finish: string | null = null): JsonObject => ({
  id: 'c',
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [{ index: 0, delta: more, finish_reason: finish }],
});
const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"path":"/etc' } };
const cutCall = either(
  {
    id: 'c',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'length' }],
  },
  [delta({ tool_calls: [{ index: 0, ...call }] }), delta({}, 'length')],
);

describe('a call that the limit cut', () => {
  it.each(cells([ANTHROPIC, RESPONSES, GEMINI, OLLAMA]))(
    'is no call with other arguments to $name, streamed: $stream',
    async (client) => {
      await start('chat/gpt-test', '/v1/chat/completions', cutCall);
      const text = await (await gateway.post(...client.ask(client.stream))).text();
      expect(text).toContain(client.cut);
      expect(text).not.toContain(client.finished);
      expect(text.includes('/etc')).toBe(client.cutCall !== 'never');
      const asObject = client.cutCall === 'under _raw where it is whole' && !client.stream;
      expect(text.includes('_raw')).toBe(asObject);
      const { notes } = await gateway.nextRecord();
      const losses = notes.filter((note) => note.path.startsWith('content[0]')).map(({ action }) => action);
      expect(losses).toEqual(client.cutCall === 'never' ? ['dropped'] : asObject ? ['approximated'] : []);
    },
  );
});
