import {
  type ChatReply,
  type ClientContext,
  errors,
  type Format,
  type IngressRoute,
  type JsonObject,
  messageToEvents,
  Notes,
  type SignalboxError,
  type StreamEvent,
  toolCall,
} from '@signalbox/kit';
import type { RecordedRequest } from './scripted-request.ts';
import {
  argumentText,
  pieces,
  stopReasonOf,
  type Turn,
  type TurnEnvelope,
  usageOf,
  type WireTurn,
  whole,
} from './turn.ts';

/** A turn in a format that has no builder of its own here. */
export interface FormatTurn extends WireTurn {
  /** Of the stream. */
  readonly contentType: string;
}

/**
 * A turn as a format itself writes it: for formats that the testkit does not know. What a format writes as wrongly as it
 * reads it, only a recording shows.
 */
export function formatTurn(
  format: Format,
  turn: Turn,
  { model = 'scripted-model', id }: TurnEnvelope = {},
): FormatTurn {
  const reply = replyOf(turn, format.id);
  const client = clientOf(model, id);
  const encoder = format.createStreamEncoder(client);
  const events = messageToEvents({ ...reply, model, ...(id === undefined ? {} : { id }) });
  const frames = events.flatMap(inPieces).flatMap((event) => encoder.encode([event]) || []);
  const body = format.encodeReply(reply, clientOf(model, id));
  return { body, frames, sse: frames.join(''), contentType: encoder.contentType };
}

/** What a format tells its clients at this status. */
export function formatErrorBody(format: Format, status: number, message: string): JsonObject {
  return format.encodeError(errorOf(status, message), { exchangeId: 'scripted' }).body;
}

/** What ends a stream of this format with an error. */
export function formatErrorFrame(format: Format, message: string): string {
  return format.createStreamEncoder(clientOf('scripted-model', undefined)).fail(errorOf(500, message));
}

/** The way by which a format is asked for a chat at this path; what stands before it belongs to a server. */
export function chatRouteOf(format: Format, path: string): IngressRoute | undefined {
  return format.ingress.find(({ operation, path: pattern }) => operation === 'chat' && matcher(pattern).test(path));
}

/** Whether a request in this format wants a stream. */
export function wantsStreamIn(format: Format, { body, path }: RecordedRequest): boolean {
  const said = chatRouteOf(format, path)?.stream ?? body?.stream;
  return typeof said === 'boolean' ? said : format.streamsByDefault === true;
}

/** A path of `@koa/router`, at the end of a longer one. */
function matcher(pattern: string): RegExp {
  const parts = pattern.split(/(\\.|[:*]\w+)/).map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    if (part.startsWith('*')) return '.+';
    return (part.startsWith('\\') ? part.slice(1) : part).replace(/[^\w/]/g, '\\$&');
  });
  return new RegExp(`${parts.join('')}$`);
}

function clientOf(model: string, id: string | undefined): ClientContext {
  return {
    model,
    ...(id === undefined ? {} : { id }),
    headers: {},
    notes: new Notes(),
    request: { model, stream: true, system: [], messages: [], tools: [] },
    estimatePromptTokens: () => 0,
  };
}

function replyOf(turn: Turn, origin: string): ChatReply {
  const reasoning = whole(turn.reasoning);
  const text = whole(turn.text);
  const state = turn.signature === undefined ? {} : { state: { origin, data: turn.signature } };
  return {
    content: [
      ...(reasoning === undefined ? [] : [{ type: 'reasoning', text: reasoning, ...state } as const]),
      ...(text === undefined ? [] : [{ type: 'text', text } as const]),
      ...(turn.toolCalls ?? []).map((call) => toolCall(call, argumentText(call))),
    ],
    stopReason: stopReasonOf(turn),
    ...(turn.rawStopReason === undefined ? {} : { rawStopReason: turn.rawStopReason }),
    ...(turn.stopSequence === undefined ? {} : { stopSequence: turn.stopSequence }),
    usage: usageOf(turn),
  };
}

function inPieces(event: StreamEvent): StreamEvent[] {
  if (event.type === 'tool-input-delta') return pieces(event.json).map((json) => ({ ...event, json }));
  const texts = event.type === 'text-delta' || event.type === 'reasoning-delta';
  return texts ? pieces(event.text).map((text) => ({ ...event, text })) : [event];
}

function errorOf(status: number, message: string): SignalboxError {
  switch (status) {
    case 400:
      return errors.invalidRequest(message);
    case 401:
      return errors.unauthenticated(message);
    case 403:
      return errors.forbidden(message);
    case 404:
      return errors.modelNotFound(message);
    case 429:
      return errors.rateLimited(message);
    case 503:
      return errors.providerOverloaded(message);
    default:
      return status < 500 ? errors.providerRejected(status, message) : errors.providerFailed(status, message);
  }
}
