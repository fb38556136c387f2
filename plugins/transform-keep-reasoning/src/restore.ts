import type { Block, ChatRequest, Message } from '@signalbox/kit';
import { type Kept, messageKey, type ReasoningStore } from './store.ts';

/**
 * The request with the reasoning that its history has lost, in front of the blocks where it stood; the same object where
 * nothing is known. What the client carried itself stays.
 */
export function restore(request: ChatRequest, store: ReasoningStore, principal: string, provider: string): ChatRequest {
  let changed = false;
  const messages = request.messages.map((message) => {
    const kept = keptFor(message, store, principal, provider);
    if (kept === undefined) return message;
    changed = true;
    return { ...message, content: withReasoning(message.content, kept) };
  });
  return changed ? { ...request, messages } : request;
}

function keptFor(
  { role, content }: Message,
  store: ReasoningStore,
  principal: string,
  provider: string,
): readonly Kept[] | undefined {
  if (role !== 'assistant') return undefined;
  let callId: string | undefined;
  let text = '';
  for (const block of content) {
    if (block.type === 'reasoning' && block.state !== undefined) return undefined;
    if (block.type === 'tool-call') callId ??= block.id;
    if (block.type === 'text') text += block.text;
  }
  const key = messageKey(principal, callId, text);
  return key === undefined ? undefined : store.find(key, provider);
}

function withReasoning(content: readonly Block[], kept: readonly Kept[]): readonly Block[] {
  // Bare reasoning text that the client did carry is the same reasoning without its proof.
  const spoken = content.filter(({ type }) => type !== 'reasoning');
  const calls = new Set(spoken.map((block) => (block.type === 'tool-call' ? block.id : undefined)));
  // Clients put all text of a message into one: what was thought before any of it goes to the front.
  const first = kept.filter(({ callId }) => callId === undefined || !calls.has(callId));
  return [
    ...first.flatMap(({ blocks }) => blocks),
    ...spoken.flatMap((block) => [
      ...(block.type === 'tool-call' ? kept.filter(({ callId }) => callId === block.id) : []).flatMap(
        ({ blocks }): readonly Block[] => blocks,
      ),
      block,
    ]),
  ];
}
