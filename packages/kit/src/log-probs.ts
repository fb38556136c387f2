import type { Extensions, JsonObject, JsonValue } from '@signalbox/spec';

/**
 * The log probabilities of some tokens of a text, as a delta of it: objects of `token`, `logprob`, `bytes` and
 * `top_logprobs`. Every wire that has them in this shape can tell them.
 */
export function logProbsDelta(tokens: JsonValue[]): JsonObject {
  return { type: 'logprobs', $logProbs: tokens };
}

/** The tokens that a delta of any format tells of; `undefined` where it is about something else. */
export function logProbsIn({ $logProbs }: JsonObject): readonly JsonValue[] | undefined {
  return Array.isArray($logProbs) ? $logProbs : undefined;
}

/** Those of a whole text. */
export function foldLogProbs(extensions: Extensions | undefined): JsonValue[] {
  const tokens: JsonValue[] = [];
  for (const format in extensions) {
    const deltas = extensions[format]?.deltas;
    if (!Array.isArray(deltas)) continue;
    for (const delta of deltas as JsonObject[]) for (const token of logProbsIn(delta) ?? []) tokens.push(token);
  }
  return tokens;
}
