import providerCompatible from '@signalbox/provider-compatible';
import { anthropicTurn } from '@signalbox/testkit';
import { type ClientKind, inMs, type ProviderKind, QUESTION, SSE } from '../kinds.ts';

export const anthropicClient: ClientKind = {
  id: 'anthropic-messages',
  path: () => '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'client' },
  body: (stream) => ({
    model: 'asked-for',
    max_tokens: 100,
    stream,
    messages: [{ role: 'user', content: QUESTION }],
  }),
  visible: (raw) => raw,
  success: /event: message_stop|"stop_reason":"(?:end_turn|refusal|max_tokens)"/,
  error: /"type":"error","error":\{"type":"\w+","message":"[^"]/,
};

export const anthropicProvider: ProviderKind = {
  id: 'anthropic-messages',
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
  retryAfter: inMs,
  ping: 'event: ping\ndata: {"type":"ping"}\n\n',
  brokenFrame: 'event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n',
  terminators: 2,
  epilogue: 1,
  streamType: SSE,
};
