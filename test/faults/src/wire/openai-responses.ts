import type { JsonObject } from '@signalbox/kit';
import providerOpenai from '@signalbox/provider-openai';
import { responsesTurn } from '@signalbox/testkit';
import { type ClientKind, changeData, inMs, type ProviderError, type ProviderKind, QUESTION, SSE } from '../kinds.ts';

export const responsesClient: ClientKind = {
  id: 'openai-responses',
  path: () => '/v1/responses',
  headers: { authorization: 'Bearer client' },
  body: (stream) => ({ model: 'asked-for', stream, input: QUESTION }),
  // A stream says every text again at the end of its part, of its item, and of the response.
  visible: (raw) => (raw.startsWith('event: ') ? eventsIn(raw, 'output_text\\.delta') : raw),
  // Codex goes by the items alone.
  kept: (raw) => (raw.startsWith('event: ') ? eventsIn(raw, 'output_item\\.done') : raw),
  // A filtered answer is incomplete, and the end of it.
  success:
    /event: response\.(?:completed|incomplete)\n|^\{(?!"error":)[^{]*"object":"response",.*"status":"(?:completed|incomplete)"/,
  // The gateway's own come after an `error` event, at which the SDKs throw; OpenAI's may come alone.
  error: /^\{"error":\{"message":"[^"]|^event: response\.failed\ndata: .*"message":"[^"]/m,
};

function eventsIn(raw: string, type: string): string {
  return (raw.match(new RegExp(`^data: \\{"type":"response\\.${type}".*$`, 'gm')) ?? []).join('');
}

const error = ({ message, type = 'server_error', code }: ProviderError): JsonObject => ({
  error: { message, type, param: null, code: code ?? null },
});

/** How OpenAI fails in a stream: with a response that failed, after which nothing comes. */
export function failedFrame({ message, code }: ProviderError): string {
  const failed = { code: code ?? 'server_error', message };
  const response = { id: 'resp_1', object: 'response', status: 'failed', error: failed, output: [], usage: null };
  return frame('response.failed', { response });
}

/** The event that may stand before it, or alone: with its fields at the top, as documented, or nested, as they come. */
export function errorEvent({ message, code }: ProviderError, nested: boolean): string {
  const said = { type: 'server_error', code: code ?? 'server_error', message, param: null };
  return frame('error', nested ? { error: said } : { ...said, type: 'error' });
}

function frame(type: string, rest: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest, sequence_number: 99 })}\n\n`;
}

export const responsesProvider: ProviderKind = {
  id: 'openai-responses',
  plugin: (name, baseUrl, timeouts) => [
    providerOpenai,
    { name, baseUrl: `${baseUrl}/v1`, apiKey: 'provider-key', surface: 'responses', timeouts },
  ],
  answer: (turn) => responsesTurn(turn, { model: 'theirs' }),
  withoutUsage: ({ body: { usage: _usage, ...body }, frames }) => ({
    body,
    frames: frames.map((text) =>
      changeData(text, ({ response, ...data }) =>
        response === undefined ? data : { ...data, response: { ...(response as JsonObject), usage: null } },
      ),
    ),
  }),
  error,
  errorFrame: failedFrame,
  retryAfter: inMs,
  ping: 'event: keepalive\ndata: {"type":"keepalive","sequence_number":3}\n\n',
  brokenFrame: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","ind\n\n',
  terminators: 1,
  epilogue: 0,
  streamType: SSE,
};
