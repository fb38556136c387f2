import { type ChatRequest, type Effort, type JsonObject, ownFieldsOf, type ReasoningOptions } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

const WORDS: Readonly<Record<Effort, string>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};
const STRENGTH = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'];
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 512,
  low: 4_096,
  medium: 16_384,
  high: 32_768,
  xhigh: 32_768,
  max: 32_768,
};

/** `thinkingConfig` for what the request says about reasoning, in the form that the model takes. */
export function encodeThinking(request: ChatRequest, encoding: Encoding): JsonObject | undefined {
  const { reasoning } = request;
  const extras = ownFieldsOf(request.extensions, ID, 'generationConfig.thinkingConfig');
  if (reasoning === undefined) return Object.keys(extras).length === 0 ? undefined : extras;
  const { traits, target } = encoding;
  if (traits.thinking === 'none' && !encoding.trustsClient) {
    if (!isOff(reasoning)) target.notes.add('reasoning', 'dropped', 'this model does not think');
    return undefined;
  }
  const amount = encoding.trustsClient
    ? asWritten(reasoning)
    : traits.thinking === 'budget'
      ? { thinkingBudget: encodeBudget(reasoning, encoding) }
      : { thinkingLevel: encodeLevel(reasoning, encoding) };
  const wire: JsonObject = { ...shown(reasoning, encoding) };
  for (const [key, value] of Object.entries(amount)) if (value !== undefined) wire[key] = value;
  const all = { ...wire, ...extras };
  return Object.keys(all).length === 0 ? undefined : all;
}

function isOff({ mode, effort }: ReasoningOptions): boolean {
  return mode === 'disabled' || effort === 'none';
}

/** Clients of other formats get to see what the model thinks, as they do elsewhere. */
function shown(reasoning: ReasoningOptions, { ownClient }: Encoding): JsonObject {
  const { display } = reasoning;
  if (ownClient && display === undefined) return {};
  if (!ownClient && isOff(reasoning)) return {};
  return { includeThoughts: display !== 'omitted' };
}

function asWritten({ mode, effort, budgetTokens }: ReasoningOptions): JsonObject {
  return {
    thinkingBudget: mode === 'disabled' ? 0 : mode === 'adaptive' ? -1 : budgetTokens,
    ...(effort === undefined ? {} : { thinkingLevel: WORDS[effort] }),
  };
}

function encodeBudget(reasoning: ReasoningOptions, { traits, target }: Encoding): number | undefined {
  const { mode, effort, budgetTokens } = reasoning;
  const { min, max, canBeOff } = traits.budget;
  if (isOff(reasoning)) {
    if (canBeOff) return 0;
    target.notes.add('reasoning.mode', 'approximated', `this model always thinks: asked for the least, ${min} tokens`);
    return min;
  }
  const wanted = budgetTokens ?? (effort === undefined ? undefined : BUDGETS[effort]);
  if (wanted === undefined) return mode === 'adaptive' ? -1 : undefined;
  const taken = Math.min(max, Math.max(min, wanted));
  if (budgetTokens === undefined) target.notes.add('reasoning.effort', 'approximated', `sent as ${taken} tokens`);
  else if (taken !== wanted) target.notes.add('reasoning.budgetTokens', 'approximated', `sent as ${taken} tokens`);
  return taken;
}

function encodeLevel(reasoning: ReasoningOptions, { traits, target }: Encoding): string | undefined {
  const { effort, budgetTokens } = reasoning;
  if (isOff(reasoning)) {
    const least = nearest('MINIMAL', traits.levels);
    target.notes.add('reasoning.mode', 'approximated', `this model always thinks: asked for ${least}`);
    return least;
  }
  if (effort === undefined) {
    if (budgetTokens === undefined) return undefined;
    const level = nearest(levelOf(budgetTokens), traits.levels);
    target.notes.add('reasoning.budgetTokens', 'approximated', `sent as the level ${level}`);
    return level;
  }
  if (budgetTokens !== undefined) {
    target.notes.add('reasoning.budgetTokens', 'dropped', 'this model takes a level of thinking, no budget');
  }
  const level = nearest(WORDS[effort], traits.levels);
  if (level !== effort.toUpperCase())
    target.notes.add('reasoning.effort', 'approximated', `"${effort}" is sent as ${level}`);
  return level;
}

function levelOf(budgetTokens: number): string {
  if (budgetTokens <= 4_096) return 'LOW';
  return budgetTokens <= 16_384 ? 'MEDIUM' : 'HIGH';
}

/** The level itself, else the next stronger one, else the strongest there is. */
function nearest(wanted: string, levels: readonly string[]): string {
  const from = STRENGTH.indexOf(wanted);
  return STRENGTH.slice(from).find((level) => levels.includes(level)) ?? levels.at(-1) ?? wanted;
}
