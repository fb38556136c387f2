import type { Block, ChatRequest, Message, ReasoningBlock, ToolCallBlock } from '@signalbox/kit';
import { answerKey } from './answer-key.ts';
import type { Kept, ReasoningStore } from './store.ts';

/**
 * The request with the reasoning that its history has lost, where it stood; the same object where nothing is known. What
 * the client carried itself stays.
 */
export function restore(request: ChatRequest, store: ReasoningStore, principal: string, provider: string): ChatRequest {
  let changed = false;
  const messages = request.messages.map((message, index) => {
    const kept = keptFor(message, request.messages[index - 1], store, principal, provider);
    if (kept === undefined) return message;
    changed = true;
    return { ...message, content: withReasoning(message.content, kept) };
  });
  return changed ? { ...request, messages } : request;
}

function keptFor(
  { role, content }: Message,
  before: Message | undefined,
  store: ReasoningStore,
  principal: string,
  provider: string,
): readonly Kept[] | undefined {
  if (role !== 'assistant') return undefined;
  const calls: ToolCallBlock[] = [];
  let text = '';
  for (const block of content) {
    if (block.type === 'reasoning' && block.state !== undefined) return undefined;
    if (block.type === 'tool-call') calls.push(block);
    if (block.type === 'text') text += block.text;
  }
  return store.find(answerKey(principal, { text, calls }, before), provider);
}

function withReasoning(content: readonly Block[], kept: readonly Kept[]): readonly Block[] {
  // Bare reasoning text that the client did carry is the same reasoning without its proof.
  const spoken = content.filter(({ type }) => type !== 'reasoning');
  const calls = spoken.filter(({ type }) => type === 'tool-call').length;
  const blocksAt = (fits: (at: Kept['at']) => boolean): ReasoningBlock[] =>
    kept.flatMap(({ at, blocks }) => (fits(at) ? blocks : []));
  let call = 0;
  return [
    // Clients put all text of a message into one: what was thought before any of it goes to the front.
    ...blocksAt((at) => at === undefined || (at !== 'end' && at >= calls)),
    ...spoken.flatMap((block): readonly Block[] => {
      if (block.type !== 'tool-call') return [block];
      const own = call++;
      return [...blocksAt((at) => at === own), block];
    }),
    ...blocksAt((at) => at === 'end'),
  ];
}
