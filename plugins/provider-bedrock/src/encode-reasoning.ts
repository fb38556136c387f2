import type { ChatRequest, Effort, JsonObject } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';

const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
};
const MIN_BUDGET = 1_024;
/** What an answer must have room for beside its reasoning. */
const MIN_ANSWER = 1_024;
const DEFAULT_MAX_TOKENS = 32_000;

export interface EncodedReasoning {
  readonly thinking: boolean;
  /** Among the model's own fields. */
  readonly fields: JsonObject;
  /** For `outputConfig`. */
  readonly effort: string | undefined;
  /** Where a budget needs a limit above it. */
  readonly maxTokens: number | undefined;
}

/** The wish about reasoning as the model takes it: left to itself with an effort, or a budget in tokens. */
export function encodeReasoning(request: ChatRequest, encoding: Encoding): EncodedReasoning {
  const { mode, effort, budgetTokens, display } = request.reasoning ?? {};
  const { traits, notes } = encoding;
  const none = { thinking: false, fields: {}, effort: undefined, maxTokens: request.maxOutputTokens };
  if (display !== undefined && traits.reasoning !== 'adaptive') {
    notes.add('reasoning.display', 'dropped', 'the model has no such switch');
  }
  if (mode === 'disabled' || effort === 'none' || (mode === undefined && effort === undefined)) return none;
  if (traits.reasoning === 'none') {
    notes.add('reasoning', 'dropped', 'this model has no switch for reasoning that is known here');
    return none;
  }
  if (traits.reasoning === 'adaptive') {
    if (mode === 'budget')
      notes.add('reasoning.budgetTokens', 'approximated', 'the model decides itself how much it thinks');
    const word = effort === 'minimal' ? 'low' : effort;
    if (word !== effort) notes.add('reasoning.effort', 'approximated', '"minimal" is sent as "low"');
    const thinks = mode !== undefined;
    const thinking = { type: 'adaptive', ...(display === undefined ? {} : { display }) };
    return { ...none, thinking: thinks, fields: thinks ? { thinking } : {}, effort: word };
  }
  if (!turnStartsWithReasoning(request, encoding)) {
    notes.add('reasoning', 'dropped', 'the tool turn in progress has no reasoning that Bedrock could take back');
    return none;
  }
  return manual(request, budgetTokens ?? BUDGETS[effort ?? 'high'], encoding);
}

function manual(request: ChatRequest, asked: number, { notes }: Encoding): EncodedReasoning {
  const maxTokens = request.maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  const budget = Math.max(MIN_BUDGET, Math.min(asked, maxTokens - MIN_ANSWER));
  if (budget >= maxTokens) {
    notes.add('reasoning', 'dropped', `a limit of ${maxTokens} tokens leaves no room for it`);
    return { thinking: false, fields: {}, effort: undefined, maxTokens: request.maxOutputTokens };
  }
  if (request.reasoning?.budgetTokens !== budget) {
    const path = request.reasoning?.budgetTokens === undefined ? 'reasoning.effort' : 'reasoning.budgetTokens';
    notes.add(path, 'approximated', `a budget of ${budget} tokens is sent`);
  }
  return {
    thinking: true,
    fields: { thinking: { type: 'enabled', budget_tokens: budget } },
    effort: undefined,
    maxTokens,
  };
}

/** Manual thinking needs the reasoning that began the tool turn in progress; without one it is a 400. */
function turnStartsWithReasoning({ messages }: ChatRequest, { target }: Encoding): boolean {
  let started: boolean | undefined;
  for (let at = messages.length - 1; at >= 0; at--) {
    const { role, content } = messages[at] as ChatRequest['messages'][number];
    if (role === 'user' && !content.some(({ type }) => type === 'tool-result')) break;
    if (role !== 'assistant') continue;
    if (!content.some(({ type }) => type === 'tool-call')) break;
    const [first] = content;
    started = first?.type === 'reasoning' && first.state?.origin === target.reasoningOrigin;
  }
  return started ?? true;
}
