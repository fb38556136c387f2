import providerCompatible from '@signalbox/provider-compatible';
import { openaiChatTurn } from '@signalbox/testkit';
import { type ClientKind, inMs, type ProviderKind, QUESTION, SSE } from '../kinds.ts';

export const chatClient: ClientKind = {
  id: 'openai-chat',
  path: () => '/v1/chat/completions',
  headers: { authorization: 'Bearer client' },
  body: (stream) => ({
    model: 'asked-for',
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
    messages: [{ role: 'user', content: QUESTION }],
  }),
  visible: (raw) => raw,
  success: /data: \[DONE\]|"finish_reason":"(?:stop|content_filter|length)"/,
  error: /"error":\{"message":"[^"]/,
};

export const chatProvider: ProviderKind = {
  id: 'openai-chat',
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
  retryAfter: inMs,
  ping: ': keep-alive\n\n',
  brokenFrame: 'data: {"id":"x","choices":[{"del\n\n',
  terminators: 3,
  epilogue: 1,
  streamType: SSE,
};
