import type { JsonObject, StopReason, Usage } from '@signalbox/kit';

export interface TurnToolCall {
  readonly id: string;
  readonly name: string;
  /** An object, or the argument text exactly as it shall go over the wire. */
  readonly arguments: JsonObject | string;
}

/** What a scripted provider says in one reply, in no format. It says its parts in this order. */
export interface Turn {
  /** A list is streamed in these pieces; a text is cut into small ones. */
  readonly reasoning?: string | readonly string[];
  /** Where the format signs reasoning. */
  readonly signature?: string;
  readonly text?: string | readonly string[];
  readonly toolCalls?: readonly TurnToolCall[];
  /** Default: `tool-call` where there are tool calls, else `end-turn`. */
  readonly stopReason?: StopReason;
  /** The word on the wire instead of the one that belongs to `stopReason`. */
  readonly rawStopReason?: string;
  readonly stopSequence?: string;
  /** Canonical counts; default: 20 prompt and 10 completion tokens. */
  readonly usage?: Usage;
}

/** What every reply of a format needs besides the turn. */
export interface TurnEnvelope {
  readonly id?: string;
  readonly model?: string;
}

/** A turn in one format, as a stream and as a whole. */
export interface WireTurn {
  readonly body: JsonObject;
  /** The frames of the stream, each with the blank line, or the line break, that ends it. */
  readonly frames: readonly string[];
  /** All frames as one text. */
  readonly sse: string;
}

const PIECE_CHARS = 12;

/** The pieces in which a text is streamed; cut between code points, never inside one. */
export function pieces(text: string | readonly string[] | undefined): readonly string[] {
  if (text === undefined) return [];
  if (typeof text !== 'string') return text;
  const chars = [...text];
  const out: string[] = [];
  for (let at = 0; at < chars.length; at += PIECE_CHARS) out.push(chars.slice(at, at + PIECE_CHARS).join(''));
  return out;
}

export function whole(text: string | readonly string[] | undefined): string | undefined {
  return text === undefined || typeof text === 'string' ? text : text.join('');
}

export function argumentText({ arguments: value }: TurnToolCall): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Where arguments are an object on the wire: text that does not parse, or is none, has no place there and is `{}`. */
export function argumentObject(call: TurnToolCall): JsonObject {
  try {
    const value: unknown = JSON.parse(argumentText(call));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}

export function stopReasonOf(turn: Turn): StopReason {
  return turn.stopReason ?? ((turn.toolCalls?.length ?? 0) > 0 ? 'tool-call' : 'end-turn');
}

export function usageOf(turn: Turn): Usage & { promptTokens: number; completionTokens: number } {
  return { promptTokens: 20, completionTokens: 10, ...turn.usage };
}
