import { type Effort, thinksByTemplate } from '@signalbox/kit';
import type { Marks, Recognise } from '../evidence.ts';

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly Effort[];
const MARKS: Marks = {
  'anthropic-messages': ['"thinking"'],
  'openai-chat': ['"reasoning_effort"', '"reasoning"', '"thinking"', '"enable_thinking"'],
};

export interface ThinkOptions {
  /** In tokens. */
  readonly minBudgetTokens?: number;
  readonly minEffort?: Effort;
}

/** Thinking is truly on, and strong enough: `disabled` is not, whatever effort stands beside it. */
export function think({ minBudgetTokens = 1, minEffort = 'low' }: ThinkOptions): Recognise {
  const least = EFFORTS.indexOf(minEffort);
  return (evidence) => {
    if (!evidence.mayHold(MARKS)) return undefined;
    const { request } = evidence;
    if (request === undefined) return undefined;
    const { mode, effort, budgetTokens = 0 } = request.reasoning ?? {};
    const enough = effort !== undefined && EFFORTS.indexOf(effort) >= least;
    switch (mode) {
      case 'disabled':
        return undefined;
      case 'budget':
        return budgetTokens >= minBudgetTokens ? `it may think for ${budgetTokens} tokens` : undefined;
      case 'adaptive':
        if (effort === undefined) return 'it thinks as much as the model wants';
        break;
      case undefined:
        // Messages has an effort of the whole answer, which does not switch thinking on.
        if (evidence.exchange.format === 'anthropic-messages') return undefined;
        if (effort === undefined && thinksByTemplate(request)) return 'its template is to think';
    }
    return enough ? `it thinks with effort ${effort}` : undefined;
  };
}
