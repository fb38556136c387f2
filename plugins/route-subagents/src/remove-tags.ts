import type { Block, ChatRequest, Message, Notes, TextBlock } from '@signalbox/kit';
import { withoutTags } from './tag.ts';

/**
 * The request without tags in its system prompt and in the user's messages before the first answer: the same object
 * where there are none. Elsewhere (tool results, later turns) a tag is what people talk about, and stays.
 */
export function removeTags(request: ChatRequest, notes: Notes): ChatRequest {
  const system = cleanBlocks(request.system, 'system', notes);
  const messages = cleanOpening(request.messages, notes);
  return system === request.system && messages === request.messages ? request : { ...request, system, messages };
}

function cleanOpening(messages: readonly Message[], notes: Notes): readonly Message[] {
  let cleaned: (Message | undefined)[] | undefined;
  for (const [at, message] of messages.entries()) {
    if (message.role === 'assistant') break;
    if (message.role !== 'user') continue;
    const content = cleanBlocks(message.content, `messages[${at}].content`, notes);
    if (content === message.content) continue;
    cleaned ??= [...messages];
    cleaned[at] = content.length === 0 ? undefined : { ...message, content };
  }
  return cleaned === undefined ? messages : cleaned.filter((message) => message !== undefined);
}

function cleanBlocks<B extends Block>(blocks: readonly B[], path: string, notes: Notes): readonly (B | TextBlock)[] {
  let changed = false;
  const cleaned: (B | TextBlock)[] = [];
  for (const [at, block] of blocks.entries()) {
    const text = block.type === 'text' ? withoutTags(block.text) : undefined;
    if (block.type !== 'text' || text === undefined || text === block.text) {
      cleaned.push(block);
      continue;
    }
    changed = true;
    notes.add(`${path}[${at}].text`, 'mapped', 'the tag that chooses a model is for the gateway: taken out');
    // Providers refuse blank blocks.
    if (text.trim() !== '') cleaned.push({ ...block, text });
    else if (block.cacheControl !== undefined) {
      notes.add(`${path}[${at}].cacheControl`, 'mapped', 'its block held nothing but the tag');
    }
  }
  return changed ? cleaned : blocks;
}
