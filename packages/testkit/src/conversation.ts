import type { JsonObject } from '@signalbox/kit';
import { anthropicTurn } from './anthropic-turn.ts';
import { type OpenaiChatTurnOptions, openaiChatTurn } from './openai-chat-turn.ts';
import { providerError } from './provider-error.ts';
import { json, type Pacing, type Responder, sse } from './responders.ts';
import type { RecordedRequest } from './scripted-request.ts';
import type { Turn } from './turn.ts';

export interface ConversationOptions extends Pacing, Pick<OpenaiChatTurnOptions, 'reasoningField'> {
  /** Which chat requests count as turns. Default: all. */
  isTurn?(request: RecordedRequest): boolean;
  /** Answers the chat requests that are not turns (titles, probes). Default: the text `ok`. */
  aside?: Turn | Responder;
}

/**
 * Answers chat requests with these turns, in order: in the format of the request's path (`…/messages` or
 * `…/chat/completions`), streamed or whole as its `stream` says, under the model it asked for and with ids of its own.
 * A responder among the turns answers on the wire itself. A turn too many is a 500 that says so.
 */
export function conversation(turns: readonly (Turn | Responder)[], options: ConversationOptions = {}): Responder {
  const { isTurn = () => true, aside = { text: 'ok' } } = options;
  let next = 0;
  return (request, wire) => {
    if (formatOf(request) === undefined) {
      return providerError(404, { type: 'not_found_error', message: `no chat at ${request.path}` })(request, wire);
    }
    const turn = isTurn(request) ? turns[next++] : aside;
    if (typeof turn === 'function') return turn(request, wire);
    if (turn !== undefined) return reply(turn, options)(request, wire);
    const message = `the scripted conversation has ${turns.length} turns and was asked for turn ${next}`;
    return providerError(500, { message, headers: { 'x-should-retry': 'false' } })(request, wire);
  };
}

/** One turn in the format that the request asks for. */
export function reply(
  turn: Turn,
  { reasoningField, ...pacing }: Omit<ConversationOptions, 'isTurn' | 'aside'> = {},
): Responder {
  return (request, wire) => {
    const { body } = request;
    const model = typeof body?.model === 'string' ? body.model : 'scripted-model';
    const anthropic = formatOf(request) === 'anthropic-messages';
    const answer = anthropic
      ? anthropicTurn(turn, { model, id: `msg_scripted_${request.index}` })
      : openaiChatTurn(turn, {
          model,
          id: `chatcmpl-scripted-${request.index}`,
          includeUsage: asksForUsage(body),
          ...(reasoningField === undefined ? {} : { reasoningField }),
        });
    const headers = { [anthropic ? 'request-id' : 'x-request-id']: `req_scripted_${request.index}` };
    if (body?.stream !== true) return json(200, answer.body, headers)(request, wire);
    return sse(answer.frames, { ...pacing, headers })(request, wire);
  };
}

function asksForUsage(body: JsonObject | undefined): boolean {
  const options = body?.stream_options;
  return (
    typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
  );
}

export function formatOf({ method, path }: RecordedRequest): 'anthropic-messages' | 'openai-chat' | undefined {
  if (method !== 'POST') return undefined;
  if (path.endsWith('/messages')) return 'anthropic-messages';
  return path.endsWith('/chat/completions') ? 'openai-chat' : undefined;
}
