/** How the scripted provider answers. The name is the first segment of the path that it is called at. */
export interface Script {
  /** 0: a whole JSON body. */
  readonly eventsPerWrite: number;
  /** Between two writes, in ms; 0: as soon as the event loop turns. */
  readonly intervalMs: number;
  /** The stream never ends: after its first content it goes on at the same pace until the client leaves. */
  readonly endless?: boolean;
}

export const scripts = {
  whole: { eventsPerWrite: 0, intervalMs: 0 },
  singles: { eventsPerWrite: 1, intervalMs: 0 },
  eights: { eventsPerWrite: 8, intervalMs: 0 },
  // Slow enough that no two writes of a stream are read at once: what one arrival costs.
  'paced-singles': { eventsPerWrite: 1, intervalMs: 5 },
  'paced-eights': { eventsPerWrite: 8, intervalMs: 10 },
  endless: { eventsPerWrite: 1, intervalMs: 2000, endless: true },
} as const satisfies Record<string, Script>;

export type ScriptName = keyof typeof scripts;
export type WireFormat = 'anthropic-messages' | 'openai-chat';

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

const ID = 'msg_01BenchBenchBenchBenchBe';
const MODEL = 'bench-model';
const anthropicUsage = { input_tokens: 1200, cache_creation_input_tokens: 0, cache_read_input_tokens: 1000 };

export function wholeBody(format: WireFormat): Buffer {
  return Buffer.from(JSON.stringify(format === 'anthropic-messages' ? anthropicReply() : openaiReply()));
}

/** The frames of one stream: those before the first delta, one per delta, those after the last. */
export function streamFrames(format: WireFormat): { opening: string; deltas: readonly string[]; closing: string } {
  return format === 'anthropic-messages' ? anthropicFrames() : openaiFrames();
}

function anthropicReply() {
  const content = [{ type: 'text', text: ANSWER_TEXT }];
  const usage = { ...anthropicUsage, output_tokens: DELTAS_PER_STREAM };
  return {
    id: ID,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage,
  };
}

function openaiReply() {
  const message = { role: 'assistant', content: ANSWER_TEXT, refusal: null };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  return { id: ID, object: 'chat.completion', created: 1_780_000_000, model: MODEL, choices, usage: openaiUsage() };
}

function openaiUsage() {
  return {
    prompt_tokens: 2200,
    completion_tokens: DELTAS_PER_STREAM,
    total_tokens: 2200 + DELTAS_PER_STREAM,
    prompt_tokens_details: { cached_tokens: 1000 },
  };
}

function anthropicFrames() {
  const frame = <D extends { type: string }>(data: D) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const message = {
    ...anthropicReply(),
    content: [],
    stop_reason: null,
    usage: { ...anthropicUsage, output_tokens: 1 },
  };
  const closing = [
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: DELTAS_PER_STREAM },
    },
    { type: 'message_stop' },
  ];
  return {
    opening:
      frame({ type: 'message_start', message }) +
      frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    deltas: deltas.map((text) => frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    closing: closing.map((data) => frame(data)).join(''),
  };
}

function openaiFrames() {
  const frame = (choices: unknown[], rest: object = {}) =>
    `data: ${JSON.stringify({ id: ID, object: 'chat.completion.chunk', created: 1_780_000_000, model: MODEL, choices, ...rest })}\n\n`;
  const choice = (delta: object, finish_reason: string | null = null) => [{ index: 0, delta, finish_reason }];
  return {
    opening: frame(choice({ role: 'assistant', content: '' })),
    deltas: deltas.map((content) => frame(choice({ content }))),
    closing: `${frame(choice({}, 'stop'))}${frame([], { usage: openaiUsage() })}data: [DONE]\n\n`,
  };
}
