import type { JsonObject, Plugin } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import { anthropicTurn, openaiChatTurn, type Turn } from '@signalbox/testkit';

/** A provider format as the wall sees it: where it is asked, and what its answers look like. */
export interface ProviderKind {
  readonly id: string;
  /** The path that is asked, so that one scripted server can be all providers. */
  readonly path: RegExp;
  plugin(name: string, baseUrl: string, timeouts: JsonObject): readonly [Plugin, JsonObject];
  /** A whole answer, and the frames of a streamed one. */
  answer(turn: Turn): Answer;
  /** The same without any count of tokens. */
  withoutUsage(answer: Answer): Answer;
  /** The body of an error status. */
  error(error: ProviderError): JsonObject;
  /** The same inside a stream. */
  errorFrame(error: ProviderError): string;
  /** A frame that keeps the connection alive and says nothing. */
  readonly ping: string;
  /** What stands in a frame's place when it is broken. */
  readonly brokenFrame: string;
  /** How many frames at the end carry the mark of success and nothing of the answer. */
  readonly terminators: number;
  readonly streamType: string;
}

export interface Answer {
  readonly body: JsonObject;
  readonly frames: readonly string[];
}

export interface ProviderError {
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
}

const SSE = 'text/event-stream; charset=utf-8';

export const anthropicProvider: ProviderKind = {
  id: 'anthropic-messages',
  path: /\/messages$/,
  plugin: (name, baseUrl, timeouts) => [
    providerCompatible,
    { name, baseUrl: `${baseUrl}/v1`, apiKey: 'provider-key', format: 'anthropic-messages', timeouts },
  ],
  answer: (turn) => anthropicTurn(turn, { model: 'theirs' }),
  withoutUsage: ({ body: { usage: _usage, ...body }, frames }) => ({
    body,
    frames: frames.map((frame) => frame.replace(/,"usage":\{[^}]*\}/, '')),
  }),
  error: ({ message, type = 'api_error' }) => ({ type: 'error', error: { type, message } }),
  errorFrame: ({ message, type = 'api_error' }) =>
    `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message } })}\n\n`,
  ping: 'event: ping\ndata: {"type":"ping"}\n\n',
  brokenFrame: 'event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n',
  terminators: 2,
  streamType: SSE,
};

export const chatProvider: ProviderKind = {
  id: 'openai-chat',
  path: /\/chat\/completions$/,
  plugin: (name, baseUrl, timeouts) => [
    providerCompatible,
    { name, baseUrl: `${baseUrl}/v1`, apiKey: 'provider-key', format: 'openai-chat', timeouts },
  ],
  answer: (turn) => openaiChatTurn(turn, { model: 'theirs', includeUsage: true }),
  withoutUsage: ({ body: { usage: _usage, ...body }, frames }) => ({
    body,
    frames: frames.filter((frame) => !frame.includes('"prompt_tokens"')),
  }),
  error: ({ message, type = 'server_error', code }) => ({ error: { message, type, code: code ?? null, param: null } }),
  errorFrame: ({ message, code }) => `data: ${JSON.stringify({ error: { message, code: code ?? 500 } })}\n\n`,
  ping: ': keep-alive\n\n',
  brokenFrame: 'data: {"id":"x","choices":[{"del\n\n',
  terminators: 3,
  streamType: SSE,
};

export const providers: readonly ProviderKind[] = [anthropicProvider, chatProvider];
