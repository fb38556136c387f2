import {
  anthropicTurn,
  geminiTurn,
  ollamaTurn,
  openaiChatTurn,
  responsesTurn,
  type Turn,
  type WireFormat,
  type WireTurn,
} from '@signalbox/testkit';

/** Text deltas of one stream; the few frames that open and close it come on top. */
export const DELTAS_PER_STREAM = 200;
/** The first delta, and the first word of a whole answer: where a client's first token begins. */
export const FIRST_TOKEN = 'Signal';

const WORDS = ['ling', ' the', ' next', ' train', ',', ' the', ' box', ' sets', ' points', ' "', 'left', '"', '\n'];
const deltas = Array.from({ length: DELTAS_PER_STREAM }, (_, index) =>
  index === 0 ? FIRST_TOKEN : (WORDS[(index - 1) % WORDS.length] ?? ''),
);
/** What every answer says, whole or streamed. */
export const ANSWER_TEXT = deltas.join('');

const TURN: Turn = {
  text: deltas,
  usage: { promptTokens: 2200, cacheReadTokens: 1000, completionTokens: DELTAS_PER_STREAM },
};

const inFormat: Readonly<Record<WireFormat, (turn: Turn) => Pick<WireTurn, 'body' | 'frames'>>> = {
  'anthropic-messages': anthropicTurn,
  'openai-chat': openaiChatTurn,
  'openai-responses': responsesTurn,
  gemini: geminiTurn,
  ollama: ollamaTurn,
};

export const formatIds = Object.keys(inFormat) as WireFormat[];

/** The id that the provider gave its answer; `undefined` where its format has none. */
export function answerId(format: WireFormat): string | undefined {
  const { id, responseId } = inFormat[format](TURN).body;
  const given = id ?? responseId;
  return typeof given === 'string' ? given : undefined;
}

export function wholeBody(format: WireFormat): Buffer {
  return Buffer.from(JSON.stringify(inFormat[format](TURN).body));
}

/** The frames of one stream: those before the first delta, one per delta, those after the last. */
export function streamFrames(format: WireFormat): { opening: string; deltas: readonly string[]; closing: string } {
  const { frames } = inFormat[format](TURN);
  const first = frames.findIndex((frame) => frame.includes(FIRST_TOKEN));
  const end = first + DELTAS_PER_STREAM;
  return {
    opening: frames.slice(0, first).join(''),
    deltas: frames.slice(first, end),
    closing: frames.slice(end).join(''),
  };
}
