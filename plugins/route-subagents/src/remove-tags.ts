import type { Block, ChatRequest, Message, Notes, TextBlock } from '@signalbox/kit';
import { type TagPlace, withoutTags } from './tag.ts';

/**
 * The request without the tags that count, in its system prompt and in what is said before the first answer: the same object
 * where there are none. Elsewhere (reminders, tool results, later turns) a tag is what people talk about, and stays.
 */
export function removeTags(request: ChatRequest, place: TagPlace, notes: Notes): ChatRequest {
  const clean = <B extends Block>(blocks: readonly B[], path: string) => cleanBlocks(blocks, path, place, notes);
  const system = clean(request.system, 'system');
  const messages = cleanOpening(request.messages, clean);
  return system === request.system && messages === request.messages ? request : { ...request, system, messages };
}

function cleanOpening(
  messages: readonly Message[],
  clean: (blocks: readonly Block[], path: string) => readonly Block[],
): readonly Message[] {
  let cleaned: (Message | undefined)[] | undefined;
  for (const [at, message] of messages.entries()) {
    if (message.role === 'assistant') break;
    const content = clean(message.content, `messages[${at}].content`);
    if (content === message.content) continue;
    cleaned ??= [...messages];
    cleaned[at] = content.length === 0 ? undefined : { ...message, content };
  }
  return cleaned === undefined ? messages : cleaned.filter((message) => message !== undefined);
}

function cleanBlocks<B extends Block>(
  blocks: readonly B[],
  path: string,
  place: TagPlace,
  notes: Notes,
): readonly (B | TextBlock)[] {
  let changed = false;
  const cleaned: (B | TextBlock)[] = [];
  for (const [at, block] of blocks.entries()) {
    const text = block.type === 'text' ? withoutTags(block.text, place) : undefined;
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
