import type { JsonObject, Notes, Usage } from '@signalbox/kit';
import { count, ID, isObject } from './fields.ts';

/** In nanoseconds. */
const DURATIONS = ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration'] as const;

/**
 * The counts of a finished reply, in tokens: `prompt_eval_count` is the whole prompt, `eval_count` has the reasoning in
 * it. Ollama leaves zeros out, so what is missing is not known. Its durations travel along for its own clients: what it measured
 * of itself is no part of the answer, so others lose nothing.
 */
export function decodeUsage(body: JsonObject): Usage | undefined {
  const promptTokens = count(body.prompt_eval_count);
  const completionTokens = count(body.eval_count);
  const durations: JsonObject = {};
  for (const key of DURATIONS) if (count(body[key]) !== undefined) durations[key] = body[key];
  const timed = Object.keys(durations).length > 0;
  if (promptTokens === undefined && completionTokens === undefined && !timed) return undefined;
  return {
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(completionTokens === undefined ? {} : { completionTokens }),
    ...(timed ? { extensions: { [ID]: { $durations: durations } } } : {}),
  };
}

const NANOSECONDS_PER_MS = 1e6;

/** What was measured here, in ms, for a reply whose provider measures nothing. */
export interface Measured {
  readonly totalMs: number;
  /** Until the first content; not known of a reply that came as a whole. */
  readonly firstMs?: number;
}

/** The metrics of the last object of a reply: counts as far as they are known, durations of the provider or our own. */
export function encodeMetrics(usage: Usage | undefined, measured: Measured | undefined): JsonObject {
  const { promptTokens, completionTokens, extensions } = usage ?? {};
  const durations = extensions?.[ID]?.$durations;
  return {
    ...(isObject(durations) ? durations : measured === undefined ? {} : encodeMeasured(measured)),
    ...(promptTokens === undefined ? {} : { prompt_eval_count: promptTokens }),
    ...(completionTokens === undefined ? {} : { eval_count: completionTokens }),
  };
}

const PARTS = ['cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens'] as const;

/** What a client of this format is not told: how prompt and answer are made up. */
export function noteParts(usage: Usage | undefined, notes: Pick<Notes, 'add'>): void {
  for (const key of PARTS) {
    if ((usage?.[key] ?? 0) > 0) notes.add(`usage.${key}`, 'dropped', 'the client’s format counts wholes only');
  }
}

function encodeMeasured({ totalMs, firstMs }: Measured): JsonObject {
  return {
    total_duration: nanoseconds(totalMs),
    ...(firstMs === undefined
      ? {}
      : { prompt_eval_duration: nanoseconds(firstMs), eval_duration: nanoseconds(totalMs - firstMs) }),
  };
}

/** At least one, because clients divide by it. */
function nanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * NANOSECONDS_PER_MS));
}
