import { json, type Responder, raw, sse } from '@signalbox/testkit';
import { answered, broken, type Fault, final, half, passing, respondWith, turnOf, USAGE } from './fault.ts';
import type { ProviderKind } from './kinds.ts';
import { anthropicProvider } from './wire/anthropic-messages.ts';
import { geminiProvider } from './wire/gemini.ts';
import { ollamaProvider } from './wire/ollama.ts';
import { chatProvider } from './wire/openai-chat.ts';
import { errorEvent, failedFrame, responsesProvider } from './wire/openai-responses.ts';

const MESSAGE = 'no capacity left';
const COUNTS = { promptTokenCount: USAGE.promptTokens, totalTokenCount: USAGE.promptTokens };

/** An answer of Gemini's that is one object, streamed or not. */
const geminiObject =
  (body: object) =>
  (_kind: unknown, stream: boolean): Responder =>
    stream ? sse(`data: ${JSON.stringify(body)}\n\n`) : json(200, body);

/** An empty answer that ends for tools, without a call of one. */
const withoutCall =
  (end: string, tools: string) =>
  (kind: ProviderKind, stream: boolean): Responder => {
    const { body, frames } = kind.answer({ usage: USAGE });
    const forTools = (json: string): string => json.replace(`"${end}"`, `"${tools}"`);
    return respondWith(
      kind,
      { body: JSON.parse(forTools(JSON.stringify(body))), frames: frames.map(forTools) },
      stream,
    );
  };

/** What only one format has a way to say. */
export const wireFaults: readonly Fault[] = [
  {
    name: 'F07 anthropic: tools without a call',
    only: anthropicProvider,
    respond: withoutCall('end_turn', 'tool_use'),
    expected: { ...passing, code: 'EMPTY_REPLY' },
  },
  {
    name: 'F07 chat: tools without a call',
    only: chatProvider,
    respond: withoutCall('stop', 'tool_calls'),
    expected: { ...passing, code: 'EMPTY_REPLY' },
  },
  {
    name: 'ollama: done without a reason',
    only: ollamaProvider,
    // A runner that is killed ends its stream like this.
    respond: (kind, stream) => {
      const { body, frames } = kind.answer(turnOf('alpha'));
      const { done_reason: _reason, ...rest } = body;
      const unsaid = frames.map((frame) => frame.replace(/"done_reason":"\w+",/, ''));
      return respondWith(kind, { body: rest, frames: unsaid }, stream);
    },
    expected: broken,
  },
  {
    name: 'ollama: an error line with a status',
    only: ollamaProvider,
    respond: half((type, part) =>
      raw(200, { 'content-type': type }, `${part}${JSON.stringify({ error: MESSAGE, status: 503 })}\n`),
    ),
    expected: broken,
  },
  {
    name: 'gemini: a prompt that is blocked',
    only: geminiProvider,
    respond: geminiObject({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: COUNTS, modelVersion: 'theirs' }),
    expected: { ...answered, words: 0, usage: 'prompt' },
  },
  {
    name: 'gemini: SAFETY, and no content',
    only: geminiProvider,
    respond: geminiObject({ candidates: [{ finishReason: 'SAFETY', index: 0 }], usageMetadata: COUNTS }),
    expected: { ...answered, words: 0, usage: 'prompt' },
  },
  {
    name: 'gemini: a malformed call',
    only: geminiProvider,
    respond: geminiObject({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }] }),
    expected: { ...passing, code: 'MALFORMED_REPLY' },
  },
  {
    name: 'gemini: an error outside of any frame',
    only: geminiProvider,
    respond: half((type, part, kind) => {
      const bare = JSON.stringify(kind.error({ message: MESSAGE, status: 503 }), null, 2);
      return raw(200, { 'content-type': type }, type === 'application/json' ? bare : `${part}${bare}`);
    }),
    // Where the bytes go through as they came, they end outside of any frame: on record as cut, whatever they say.
    expected: broken,
  },
  ...[false, true].map(
    (nested): Fault => ({
      name: `responses: an error event, ${nested ? 'nested' : 'flat'}`,
      only: responsesProvider,
      respond: half((type, part) =>
        raw(200, { 'content-type': type }, `${part}${errorEvent({ message: MESSAGE }, nested)}`),
      ),
      expected: broken,
    }),
  ),
  {
    name: 'responses: a response that failed',
    only: responsesProvider,
    respond: (kind, stream) => {
      const { body } = kind.answer(turnOf('alpha'));
      const error = { code: 'server_is_overloaded', message: MESSAGE };
      return stream
        ? sse([errorEvent({ message: MESSAGE }, true), failedFrame({ message: MESSAGE })])
        : json(200, { ...body, status: 'failed', error, output: [] });
    },
    expected: passing,
  },
  {
    name: 'responses: a context overflow inside a 200',
    only: responsesProvider,
    respond: (kind, stream) => {
      const error = { message: 'Your input exceeds the context window.', code: 'context_length_exceeded' } as const;
      const { body } = kind.answer(turnOf('alpha'));
      return stream ? sse([failedFrame(error)]) : json(200, { ...body, status: 'failed', error, output: [] });
    },
    expected: { ...final, status: 400, code: 'CONTEXT_OVERFLOW' },
  },
];
