import type { ChatRequest } from '@signalbox/spec';
import type { Notes } from './notes.ts';

/** The least budget that Anthropic takes; a smaller one is no use anywhere. */
const MIN_BUDGET_TOKENS = 1_024;

/**
 * The request within `limit` output tokens: the same object where it already is, else a copy, with a note that says what was
 * asked for and `why` there is less. A reasoning budget is lowered with it.
 */
export function clampOutput(
  request: ChatRequest,
  limit: number,
  notes: Notes,
  why = `this target gets at most ${limit}`,
): ChatRequest {
  const { maxOutputTokens, reasoning } = request;
  if (maxOutputTokens !== undefined && maxOutputTokens <= limit) return request;
  const asked = maxOutputTokens === undefined ? 'no limit was given' : `${maxOutputTokens} were asked for`;
  notes.add('maxOutputTokens', 'approximated', `${asked}: ${why}`);
  const clamped = { ...request, maxOutputTokens: limit };
  const budgetTokens = reasoning?.budgetTokens;
  if (reasoning === undefined || budgetTokens === undefined || budgetTokens < limit) return clamped;
  if (limit <= MIN_BUDGET_TOKENS) {
    notes.add('reasoning.budgetTokens', 'dropped', `the limit of ${limit} leaves no room for reasoning`);
    return { ...clamped, reasoning: { mode: 'disabled' } };
  }
  // Half for the answer: a budget up to the limit would leave it nothing.
  const room = Math.max(MIN_BUDGET_TOKENS, Math.floor(limit / 2));
  notes.add('reasoning.budgetTokens', 'approximated', `lowered from ${budgetTokens} to ${room}, within the limit`);
  return { ...clamped, reasoning: { ...reasoning, budgetTokens: room } };
}
