import {
  type Block,
  type ChatReply,
  type ChatRequest,
  collectMessage,
  enforceStopSequences,
  mapBatch,
  messageToEvents,
} from '@signalbox/kit';

const CHARS_PER_TOKEN = 4;

/** Ends the answer where a stop sequence or the token limit says so, as a model's would. */
export function withinLimits<R extends Pick<ChatReply, 'content' | 'stopReason'>>(
  reply: R,
  { stopSequences, maxOutputTokens }: ChatRequest,
): ChatReply {
  const sequences = (stopSequences ?? []).filter((sequence) => sequence !== '');
  const stopped =
    sequences.length === 0 ? reply : collectMessage(mapBatch(messageToEvents(reply), enforceStopSequences(sequences)));
  return maxOutputTokens === undefined ? stopped : cut(stopped, maxOutputTokens);
}

/** Text is cut in the middle; a tool call that does not fit is left out, because half of one can do harm. */
function cut(reply: ChatReply, maxTokens: number): ChatReply {
  let left = maxTokens;
  const content: Block[] = [];
  for (const block of reply.content) {
    const tokens = blockTokens(block);
    if (tokens > left) {
      const isText = block.type === 'text' || block.type === 'reasoning';
      if (isText && left > 0) content.push({ ...block, text: block.text.slice(0, left * CHARS_PER_TOKEN) });
      const { stopSequence: _, ...rest } = reply;
      return { ...rest, content, stopReason: 'max-tokens' };
    }
    left -= tokens;
    content.push(block);
  }
  return reply;
}

/** Tokens of an answer's block, four characters each. */
export function blockTokens(block: Block): number {
  if (block.type === 'text' || block.type === 'reasoning') return Math.ceil(block.text.length / CHARS_PER_TOKEN);
  if (block.type !== 'tool-call') return 0;
  return Math.ceil((block.name.length + (block.rawInput ?? '').length) / CHARS_PER_TOKEN);
}
