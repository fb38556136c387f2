import { type ChatRequest, type Effort, type JsonObject, ownFieldsOf, type TargetContext } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

const STRENGTH: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** `reasoning` for the request's wish about it; `{}` where nothing is said. */
export function encodeReasoningOptions(request: ChatRequest, encoding: Encoding): JsonObject {
  const { dialect, target, ownClient } = encoding;
  const { mode, effort, budgetTokens, display } = request.reasoning ?? {};
  const own = request.extensions?.[ID];
  const rest = ownFieldsOf(request.extensions, ID, 'reasoning');
  const said = mode !== undefined || effort !== undefined || display !== undefined;
  const off = mode === 'disabled' || effort === 'none';
  // "High" is what an answer without reasoning gets anyway, where an effort is about more than reasoning.
  if (off && effort !== undefined && effort !== 'none' && effort !== 'high') {
    target.notes.add('reasoning.effort', 'dropped', 'reasoning is off for this request');
  }
  if (!dialect.reasoning) {
    if (said && !off) target.notes.add('reasoning', 'dropped', 'the model does not reason');
    else for (const key in rest) noteRest(key, own, target);
    return {};
  }
  const reasoning: JsonObject = { ...rest };
  const guessed = effort === undefined && budgetTokens !== undefined ? effortForBudget(budgetTokens) : undefined;
  const wanted = off ? 'none' : (effort ?? guessed);
  const word = wanted === undefined ? undefined : nearestEffort(wanted, guessed !== undefined && !off, encoding);
  if (word !== undefined) reasoning.effort = word;
  if (ownClient) {
    if (own?.$summary !== undefined && display === 'summarized') reasoning.summary = own.$summary;
  } else if (!off && display !== 'omitted' && (display === 'summarized' || mode !== undefined)) {
    // Who switches thinking on gets to see it elsewhere.
    reasoning.summary = 'auto';
  }
  return Object.keys(reasoning).length === 0 ? {} : { reasoning };
}

/** What is said about reasoning alone means nothing to a model without it; unless that is how it is anyway. */
function noteRest(key: string, own: JsonObject | undefined, { notes }: TargetContext): void {
  const path = `reasoning.${key}`;
  if (own?.[path] !== undefined) notes.add(path, 'dropped', 'the model does not reason');
}

function effortForBudget(tokens: number): Effort {
  if (tokens < 4_096) return 'low';
  if (tokens < 12_288) return 'medium';
  return tokens < 24_576 ? 'high' : 'xhigh';
}

function nearestEffort(wanted: Effort, guessed: boolean, { dialect, target }: Encoding): Effort | undefined {
  const at = STRENGTH.indexOf(wanted);
  // "None" is no weak effort: nothing but itself is weaker than what is asked for.
  const weaker = STRENGTH.slice(1, Math.max(1, at + 1)).reverse();
  const nearest = [wanted, ...weaker, ...STRENGTH.slice(at + 1)].find((effort) => dialect.efforts.includes(effort));
  const path = guessed ? 'reasoning.budgetTokens' : 'reasoning.effort';
  if (nearest === undefined) target.notes.add(path, 'dropped', 'the model has no levels of effort');
  else if (guessed) target.notes.add(path, 'approximated', `sent as effort "${nearest}"`);
  else if (nearest !== wanted) target.notes.add(path, 'approximated', `"${wanted}" is sent as "${nearest}"`);
  return nearest;
}
