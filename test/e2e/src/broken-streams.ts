import {
  anthropicTurn,
  type Cut,
  cutAfter,
  errorFrame,
  openaiChatTurn,
  type Responder,
  sse,
  type Turn,
} from '@signalbox/testkit';
import type { ProviderSide } from './lanes.ts';

/** Long enough for the client to read one frame before the next: a fault must not overtake what came before it. */
const PACE = { delayMs: 10 };

export const GAVE_UP = 'the provider gave up';

/** The stream of a turn up to and with the frame that has `text`; then the connection breaks. */
export function brokenAfter(side: ProviderSide, turn: Turn, text: string, how: Cut): Responder {
  const frames = framesUntil(side, turn, text);
  // The cut comes with the next write, a moment after the last whole frame.
  return cutAfter(Buffer.byteLength(frames.join('')) + 1, how, sse([...frames, ': the rest\n\n'], PACE));
}

/** The stream of a turn up to and with the frame that has `text`; then an error in the provider's format. */
export function failedAfter(side: ProviderSide, turn: Turn, text: string): Responder {
  const frames = framesUntil(side, turn, text);
  return (request, wire) =>
    sse([...frames, errorFrame(request, { type: 'api_error', message: GAVE_UP })], PACE)(request, wire);
}

/** The first frames of a turn, up to and with the one that has `text`. */
export function framesUntil({ format }: ProviderSide, turn: Turn, text: string): readonly string[] {
  const { frames } = format === 'openai-chat' ? openaiChatTurn(turn) : anthropicTurn(turn);
  const last = frames.findIndex((frame) => frame.includes(text));
  if (last === -1) throw new Error(`no frame of the turn has ${text}`);
  return frames.slice(0, last + 1);
}
