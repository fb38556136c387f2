import type { Format, JsonObject } from '@signalbox/kit';
import { anthropicTurn } from './anthropic-turn.ts';
import { geminiTurn } from './gemini-turn.ts';
import { ollamaTurn } from './ollama-turn.ts';
import { type OpenaiChatTurnOptions, openaiChatTurn } from './openai-chat-turn.ts';
import { formatTurn, wantsStreamIn } from './own-format.ts';
import { providerError } from './provider-error.ts';
import { json, type Pacing, type Responder, sse } from './responders.ts';
import { responsesTurn } from './responses-turn.ts';
import type { RecordedRequest } from './scripted-request.ts';
import type { Turn } from './turn.ts';
import type { Headers } from './wire.ts';
import { formatOf, modelOf, NDJSON_TYPE, wantsStream } from './wire-format.ts';

export interface ConversationOptions extends Pacing, Pick<OpenaiChatTurnOptions, 'reasoningField'> {
  /** Which chat requests count as turns. Default: all. */
  isTurn?(request: RecordedRequest): boolean;
  /** Answers the chat requests that are not turns (titles, probes). Default: the text `ok`. */
  aside?: Turn | Responder;
  /** A format of your own: all turns are in it, whatever the path. */
  format?: Format;
}

/**
 * Answers chat requests with these turns, in order: in the format of the request's path (`…/messages`,
 * `…/chat/completions`, `…/responses`, `…:generateContent` and its stream, `…/api/chat`), streamed or whole as it asks,
 * under the model it asked for and with ids of its own.
 * A responder among the turns answers on the wire itself. A turn too many is a 500 that says so.
 */
export function conversation(turns: readonly (Turn | Responder)[], options: ConversationOptions = {}): Responder {
  const { isTurn = () => true, aside = { text: 'ok' }, format } = options;
  const own = format === undefined ? {} : { format };
  let next = 0;
  return (request, wire) => {
    if (format === undefined && formatOf(request) === undefined) {
      const message = `the testkit has no turns for \`${request.method} ${request.path}\`; give \`format\``;
      return providerError(404, { type: 'not_found_error', message })(request, wire);
    }
    const turn = isTurn(request) ? turns[next++] : aside;
    if (typeof turn === 'function') return turn(request, wire);
    if (turn !== undefined) return reply(turn, options)(request, wire);
    const message = `the scripted conversation has ${turns.length} turns and was asked for turn ${next}`;
    return providerError(500, { message, headers: { 'x-should-retry': 'false' }, ...own })(request, wire);
  };
}

/** One turn in the format that the request asks for. */
export function reply(
  turn: Turn,
  { reasoningField, format, ...pacing }: Omit<ConversationOptions, 'isTurn' | 'aside'> = {},
): Responder {
  return (request, wire) => {
    if (format !== undefined) {
      const own = formatTurn(format, turn, { model: modelOf(request), id: `scripted-${request.index}` });
      if (!wantsStreamIn(format, request)) return json(200, own.body)(request, wire);
      return sse(own.frames, { ...pacing, headers: { 'content-type': own.contentType } })(request, wire);
    }
    const { body, frames, headers = {} } = answer(turn, request, reasoningField);
    if (!wantsStream(request)) return json(200, body, headers)(request, wire);
    // Gemini streams events to those who say so, and to all others one list of the same objects.
    const inList = formatOf(request) === 'gemini' && !/[?&]alt=sse(&|$)/.test(request.query);
    if (inList)
      return json(200, `[${frames.map((frame) => frame.slice(DATA.length).trimEnd()).join(',\r\n')}]`)(request, wire);
    return sse(frames, { ...pacing, headers })(request, wire);
  };
}

const DATA = 'data: ';

interface Answer {
  readonly body: JsonObject;
  readonly frames: readonly string[];
  readonly headers?: Headers;
}

function answer(turn: Turn, request: RecordedRequest, reasoningField: OpenaiChatTurnOptions['reasoningField']): Answer {
  const { index, body } = request;
  const model = modelOf(request);
  const requestId = `req_scripted_${index}`;
  switch (formatOf(request)) {
    case 'anthropic-messages':
      return { ...anthropicTurn(turn, { model, id: `msg_scripted_${index}` }), headers: { 'request-id': requestId } };
    case 'openai-responses':
      return {
        ...responsesTurn(turn, { model, id: `resp_scripted_${index}` }),
        headers: { 'x-request-id': requestId },
      };
    case 'gemini':
      return geminiTurn(turn, { model, id: `scripted-${index}` });
    case 'ollama':
      return { ...ollamaTurn(turn, { model }), headers: wantsStream(request) ? { 'content-type': NDJSON_TYPE } : {} };
    default: {
      const chat = {
        model,
        id: `chatcmpl-scripted-${index}`,
        includeUsage: asksForUsage(body),
        ...(reasoningField === undefined ? {} : { reasoningField }),
      };
      return { ...openaiChatTurn(turn, chat), headers: { 'x-request-id': requestId } };
    }
  }
}

function asksForUsage(body: JsonObject | undefined): boolean {
  const options = body?.stream_options;
  return (
    typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
  );
}
