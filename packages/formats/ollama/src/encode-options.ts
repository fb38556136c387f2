import {
  type ChatRequest,
  describedSchema,
  type Effort,
  type JsonObject,
  type JsonValue,
  type Notes,
  ownFieldsOf,
} from '@signalbox/kit';
import { ID } from './fields.ts';

/**
 * `options`, where there are any: sampling in its own words, and what only this format has.
 * @param kin what clients of other formats say in fields of their own
 */
export function encodeOptions(request: ChatRequest, kin: JsonObject): { options?: JsonObject } {
  const { maxOutputTokens, stopSequences = [], temperature, topP, topK } = request;
  const stop = stopSequences.filter((sequence) => sequence !== '');
  const options: JsonObject = {
    ...kin,
    ...ownFieldsOf(request.extensions, ID, 'options'),
    ...(maxOutputTokens === undefined ? {} : { num_predict: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(stop.length === 0 ? {} : { stop }),
  };
  return Object.keys(options).length === 0 ? {} : { options };
}

/** The levels of this wire; those between are said by the next one. */
const LEVELS: Readonly<Record<Exclude<Effort, 'none'>, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'max',
  max: 'max',
};

/** `think`, where the client said something about reasoning. Which models know levels is the provider's to say. */
export function encodeThink({ reasoning }: ChatRequest, notes: Notes): { think?: boolean | string } {
  if (reasoning === undefined) return {};
  const { mode, effort, budgetTokens, display } = reasoning;
  if (display === 'omitted') notes.add('reasoning.display', 'dropped', 'the provider shows its reasoning');
  if (mode === 'disabled' || effort === 'none') return { think: false };
  if (effort !== undefined) {
    const level = LEVELS[effort];
    if (level !== effort) notes.add('reasoning.effort', 'approximated', `"${effort}" is sent as "${level}"`);
    return { think: level };
  }
  if (budgetTokens !== undefined) {
    const level =
      budgetTokens < 4_096 ? 'low' : budgetTokens < 12_288 ? 'medium' : budgetTokens < 24_576 ? 'high' : 'max';
    notes.add('reasoning.budgetTokens', 'approximated', `sent as "${level}"`);
    return { think: level };
  }
  return mode === undefined ? {} : { think: true };
}

/** `format`: what the answer is held to while it is written. Names and strictness need no saying. */
export function encodeResponseFormat({ responseFormat }: ChatRequest): { format?: JsonValue } {
  if (responseFormat === undefined) return {};
  return { format: responseFormat.type === 'json-object' ? 'json' : describedSchema(responseFormat) };
}
