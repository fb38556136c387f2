import {
  type Block,
  type Extensions,
  type JsonObject,
  type JsonValue,
  logProbsDelta,
  type TextBlock,
} from '@signalbox/kit';
import { annotationDelta } from './citations.ts';
import { ID, isObject } from './fields.ts';

/** Why what belongs to a text is lost. */
export const NO_TEXT = 'there is no text that they could belong to';

/** What is said of the last text: annotations, whose places count from the start of all texts, and log probabilities. */
export function besideText(
  message: JsonObject,
  logProbs: JsonValue[],
  blocks: readonly Block[],
  last: TextBlock,
): Extensions | undefined {
  const deltas: JsonObject[] = [];
  const annotations = listOf(message.annotations);
  if (annotations.length > 0) {
    const end = blocks.reduce((sum, block) => (block.type === 'text' ? sum + block.text.length : sum), 0);
    deltas.push(annotationDelta(annotations, end - last.text.length));
  }
  if (logProbs.length > 0) deltas.push(logProbsDelta(logProbs));
  return deltas.length === 0 ? undefined : { [ID]: { deltas } };
}

/** Those of the words of a refusal stand apart. */
export function logProbsOf({ logprobs }: JsonObject): JsonValue[] {
  if (!isObject(logprobs)) return [];
  return [...listOf(logprobs.content), ...listOf(logprobs.refusal)];
}

export function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
