import { needsCapability } from '@signalbox/kit';
import type { Evidence, Marks } from '../evidence.ts';

const MARKS: Marks = { 'anthropic-messages': ['"image"'], 'openai-chat': ['"image_url"'] };

/** An image is anywhere in the conversation: the whole history is sent again, so the target has to take all of it. */
export function holdsImages(evidence: Evidence): string | undefined {
  if (!evidence.mayHold(MARKS)) return undefined;
  const { request } = evidence;
  return request !== undefined && needsCapability(request, 'images')
    ? 'there is an image in the conversation'
    : undefined;
}
