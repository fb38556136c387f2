import { type ChatRequest, errors, type SignalboxError } from '@signalbox/kit';
import { ID } from './fields.ts';

/** Fields without which the request would mean something else, and why. */
const BOUND: Readonly<Record<string, string>> = {
  cachedContent: 'a part of the prompt is kept in a cache of Google’s, which no other provider can read',
  continuationToken: 'it goes on with an answer of Google’s, which no other provider can',
};

/** Why a request cannot go to a provider of another format, although its fields could be dropped with a note. */
export function refusalElsewhere({ extensions }: ChatRequest): SignalboxError | undefined {
  const own = extensions?.[ID];
  for (const key in BOUND) {
    if (own?.[key] !== undefined) return errors.unsupported(`${key}: ${BOUND[key]}. Send the whole prompt instead.`);
  }
  if (!Array.isArray(own?.['generationConfig.responseModalities'])) return undefined;
  return errors.unsupported(
    'generationConfig.responseModalities: images and sound in answers need a target that speaks gemini itself.',
  );
}
