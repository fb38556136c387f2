import { type ChatRequest, type Effort, type JsonObject, ownFieldsOf, type ReasoningOptions } from '@signalbox/kit';
import { type EncodeContext, encodeExtras } from './encode-context.ts';
import { FORMAT_ID } from './wire.ts';

const MIN_BUDGET = 1024;
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 2_048,
  low: 4_096,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 49_152,
};

export interface EncodedThinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
  /** The request's own ceiling, raised where a budget needs the room. */
  readonly maxTokens: number;
}

/**
 * Reasoning options as `thinking` and `output_config.effort`, in the form that the model takes. Manual thinking counts
 * within `max_tokens`, so a client that did not know of it gets the budget on top.
 */
export function encodeThinking(request: ChatRequest, maxTokens: number, context: EncodeContext): EncodedThinking {
  const { reasoning } = request;
  if (reasoning === undefined) return { maxTokens };
  const { capabilities, notes, ownClient } = context;
  const mode = modeOf(reasoning, ownClient);
  const effort = wireEffort(reasoning.effort, context);
  if (mode === undefined) return { ...(effort === undefined ? {} : { effort }), maxTokens };
  if (mode === 'disabled') {
    return { ...encodeDisabled(request, effort, context), maxTokens };
  }
  if (mode === 'adaptive' && capabilities.adaptiveThinking) {
    const thinking = withExtras({ type: 'adaptive', ...displayOf(reasoning, ownClient) }, request, context);
    return { thinking, ...(effort === undefined ? {} : { effort }), maxTokens };
  }
  if (mode === 'budget' && !capabilities.manualThinking) {
    notes.add('reasoning.budgetTokens', 'approximated', 'this model decides itself how long it thinks');
    const byBudget = effort ?? effortOf(reasoning.budgetTokens ?? BUDGETS.high);
    return { thinking: { type: 'adaptive', ...displayOf(reasoning, ownClient) }, effort: byBudget, maxTokens };
  }
  if (maxTokens < MIN_BUDGET && ownClient && mode === 'adaptive') {
    notes.add('reasoning', 'dropped', 'the limit leaves no room for a thinking budget');
    return { maxTokens };
  }
  if (mode === 'adaptive') notes.add('reasoning.mode', 'approximated', 'this model needs a budget');
  const wanted = reasoning.budgetTokens ?? BUDGETS[reasoning.effort ?? 'high'];
  const budget = Math.max(MIN_BUDGET, wanted);
  if (budget !== wanted) notes.add('reasoning.budgetTokens', 'approximated', `raised to the least, ${MIN_BUDGET}`);
  const thinking = { type: 'enabled', budget_tokens: budget, ...displayOf(reasoning, ownClient) };
  // An Anthropic client that asked for a budget knows what it did: interleaved thinking may exceed the limit.
  const room = budget < maxTokens || (ownClient && mode === 'budget') ? maxTokens : budget + maxTokens;
  if (room !== maxTokens)
    notes.add('maxOutputTokens', 'approximated', 'raised by the thinking budget, which it includes');
  return {
    thinking: withExtras(thinking, request, context),
    ...(effort === undefined || !ownClient || mode === 'adaptive' ? {} : { effort }),
    maxTokens: room,
  };
}

/** An effort alone switches thinking on for clients of formats in which effort means just that. */
function modeOf({ mode, effort }: ReasoningOptions, ownClient: boolean): ReasoningOptions['mode'] {
  if (effort === 'none') return 'disabled';
  if (mode !== undefined || ownClient || effort === undefined) return mode;
  return 'adaptive';
}

function encodeDisabled(
  request: ChatRequest,
  effort: string | undefined,
  context: EncodeContext,
): Pick<EncodedThinking, 'thinking' | 'effort'> {
  const { capabilities, notes } = context;
  const rest = effort === undefined ? {} : { effort };
  const extras = ownFieldsOf(request.extensions, FORMAT_ID, 'thinking');
  const between = extras.type === 'between_tools';
  if (capabilities.disabledThinking && !(between && capabilities.betweenTools)) {
    if (between && capabilities.extraFields !== 'all') return { thinking: { type: 'disabled' }, ...rest };
    return { thinking: withExtras({ type: 'disabled' }, request, context), ...rest };
  }
  if (capabilities.betweenTools) {
    if (!between) notes.add('reasoning.mode', 'approximated', 'this model can only think between tools');
    return { thinking: { type: 'between_tools' }, ...rest };
  }
  notes.add('reasoning.mode', 'approximated', 'this model always thinks: asked for low effort');
  return { effort: 'low' };
}

function wireEffort(effort: Effort | undefined, { notes }: EncodeContext): string | undefined {
  if (effort === undefined || effort === 'none') return undefined;
  if (effort !== 'minimal') return effort;
  notes.add('reasoning.effort', 'approximated', '"minimal" becomes "low"');
  return 'low';
}

function effortOf(budgetTokens: number): string {
  if (budgetTokens < 4_096) return 'low';
  if (budgetTokens < 12_288) return 'medium';
  return budgetTokens < 24_576 ? 'high' : 'xhigh';
}

/** Clients of other formats get to see what the model thinks, as they do elsewhere. */
function displayOf({ display }: ReasoningOptions, ownClient: boolean): JsonObject {
  if (display !== undefined) return { display };
  return ownClient ? {} : { display: 'summarized' };
}

function withExtras(thinking: JsonObject, request: ChatRequest, context: EncodeContext): JsonObject {
  const wire = { ...thinking };
  const extras = ownFieldsOf(request.extensions, FORMAT_ID, 'thinking');
  encodeExtras(wire, { [FORMAT_ID]: extras }, NONE, 'reasoning', context);
  return wire;
}

const NONE: ReadonlySet<string> = new Set();
