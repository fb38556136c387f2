import type { Block } from '@signalbox/kit';
import type { Evidence, Marks } from '../evidence.ts';

const MARKS: Marks = { 'anthropic-messages': ['"image"'], 'openai-chat': ['"image_url"'] };

/** An image is anywhere in the conversation: the whole history is sent again, so the target has to take all of it. */
export function holdsImages(evidence: Evidence): string | undefined {
  if (!evidence.mayHold(MARKS)) return undefined;
  const found = evidence.request?.messages.some(({ content }) => content.some(isImage));
  return found === true ? 'there is an image in the conversation' : undefined;
}

function isImage(block: Block): boolean {
  if (block.type === 'image') return true;
  if (block.type === 'tool-result') return block.content.some(isImage);
  return block.type === 'document' && block.source.type === 'content' && block.source.content.some(isImage);
}
