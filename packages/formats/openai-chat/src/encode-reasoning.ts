import {
  addAll,
  type ChatRequest,
  type Effort,
  type JsonObject,
  type JsonValue,
  type Notes,
  ownFieldsOf,
  type ReasoningBlock,
  saysSomething,
} from '@signalbox/kit';
import type { Dialect } from './dialect.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';

/** Fields whose canonical part was taken out, so that the rest of them means something beside their own switch only. */
const REASONING_OBJECTS = ['thinking', 'reasoning'] as const;

const STRENGTH: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

const STATE_LOST = 'the provider takes the text of reasoning back, without its state';

/** The request's wish about reasoning in the dialect's fields, and whether the model will think. */
export function encodeReasoningOptions(
  request: ChatRequest,
  dialect: Dialect,
  notes: Notes,
): { readonly fields: JsonObject; readonly thinking: boolean } {
  const { mode, effort, budgetTokens, display } = request.reasoning ?? {};
  const rests = {
    thinking: ownFieldsOf(request.extensions, ID, 'thinking'),
    reasoning: ownFieldsOf(request.extensions, ID, 'reasoning'),
  };
  if (hasNoWord(dialect)) return encodeNone(request, rests, notes);
  const own: JsonObject = { ...request.extensions?.[ID], ...some('thinking', rests.thinking) };
  const refused = dialect.toolsExcludeReasoning && request.tools.some((tool) => tool.type === 'function');
  const disabled = mode === 'disabled' || effort === 'none';
  const forced = disabled && dialect.alwaysThinks;
  const off = (disabled && !forced) || refused;
  const said = mode !== undefined || effort !== undefined;
  if (refused && said && !disabled) notes.add('reasoning', 'dropped', 'the model refuses reasoning beside tools');
  const state = off ? 'disabled' : said ? 'enabled' : dialect.thinkingUnsaid;
  const fields: JsonObject = {};
  const reasoning: JsonObject = { ...rests.reasoning };

  if (off) {
    encodeOff(fields, reasoning, dialect, notes);
    // "High" is what an answer without reasoning gets anyway, where an effort is about more than reasoning.
    if (disabled && effort !== undefined && effort !== 'none' && effort !== 'high') {
      notes.add('reasoning.effort', 'dropped', 'reasoning is off for this request');
    }
  } else if (mode === 'budget' && budgetTokens !== undefined && dialect.budgetField !== 'none') {
    if (dialect.budgetField === 'reasoning') reasoning.max_tokens = budgetTokens;
    else fields.thinking_budget = budgetTokens;
    if (effort !== undefined) notes.add('reasoning.effort', 'dropped', 'the provider takes a budget or an effort');
  } else if (forced && dialect.effortField === 'none') {
    notes.add('reasoning', 'dropped', 'reasoning cannot be switched off here');
  } else {
    const wanted = forced
      ? 'none'
      : (effort ?? (budgetTokens === undefined ? undefined : effortForBudget(budgetTokens)));
    const guessed = effort === undefined && !forced;
    const word = wanted === undefined ? undefined : effortWord(wanted, guessed, dialect, notes);
    if (word !== undefined && dialect.effortField === 'reasoning') reasoning.effort = word;
    if (word !== undefined && dialect.effortField === 'reasoning_effort') fields.reasoning_effort = word;
  }

  const takesObject = dialect.thinking === 'reasoning' || dialect.effortField === 'reasoning';
  if (state !== 'omit') encodeSwitch(fields, reasoning, state === 'enabled', own, dialect);
  else if (dialect.thinking !== 'reasoning' && isObject(own[dialect.thinking]))
    fields[dialect.thinking] = own[dialect.thinking];
  for (const key of REASONING_OBJECTS) {
    const taken = key === 'reasoning' ? takesObject : dialect.thinking === key;
    if (!taken) noteRest(key, rests[key], 'the provider has no such switch', notes);
  }
  if (display === 'omitted') {
    if (takesObject) reasoning.exclude = true;
    else notes.add('reasoning.display', 'dropped', 'the provider cannot hide its reasoning');
  }
  if (takesObject && Object.keys(reasoning).length > 0) fields.reasoning = reasoning;
  return { fields, thinking: state !== 'disabled' };
}

/** There is neither a switch nor a level, and no model that reasons unasked. */
function hasNoWord({ thinking, effortField, budgetField, alwaysThinks, reasoningInContent }: Dialect): boolean {
  const none = thinking === 'none' && effortField === 'none' && budgetField === 'none';
  return none && !alwaysThinks && !reasoningInContent;
}

/** A model that does not reason needs not be told to leave it. */
function encodeNone(
  { reasoning = {} }: ChatRequest,
  rests: Readonly<Record<(typeof REASONING_OBJECTS)[number], JsonObject>>,
  notes: Notes,
): { readonly fields: JsonObject; readonly thinking: false } {
  const { mode, effort } = reasoning;
  const said = mode !== undefined || effort !== undefined;
  if (said && mode !== 'disabled' && effort !== 'none')
    notes.add('reasoning', 'dropped', 'the model cannot be asked for it');
  for (const key of REASONING_OBJECTS) noteRest(key, rests[key], 'the provider has no such switch', notes);
  return { fields: {}, thinking: false };
}

function noteRest(key: string, rest: JsonObject, reason: string, notes: Notes): void {
  for (const name in rest) notes.add(`${key}.${name}`, 'dropped', reason);
}

function some(key: string, value: JsonObject): JsonObject {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}

function encodeOff(fields: JsonObject, reasoning: JsonObject, dialect: Dialect, notes: Notes): void {
  const { none } = dialect.efforts;
  if (dialect.effortField === 'reasoning' && none !== undefined) {
    reasoning.effort = none;
  } else if (dialect.thinking === 'none') {
    if (dialect.effortField === 'none') {
      notes.add('reasoning', 'dropped', 'reasoning cannot be switched off here');
    } else {
      const word = none ?? effortWord('none', false, dialect, notes);
      if (word !== undefined) fields.reasoning_effort = word;
    }
  }
}

function encodeSwitch(fields: JsonObject, reasoning: JsonObject, on: boolean, own: JsonObject, dialect: Dialect): void {
  switch (dialect.thinking) {
    case 'thinking':
      fields.thinking = {
        type: on ? 'enabled' : 'disabled',
        ...dialect.thinkingOptions,
        ...(isObject(own.thinking) ? own.thinking : {}),
      };
      break;
    case 'enable_thinking':
      fields.enable_thinking = on;
      Object.assign(fields, dialect.thinkingOptions);
      break;
    case 'chat_template_kwargs':
      fields.chat_template_kwargs = {
        enable_thinking: on,
        ...dialect.thinkingOptions,
        ...(isObject(own.chat_template_kwargs) ? own.chat_template_kwargs : {}),
      };
      break;
    case 'reasoning':
      // An effort or a budget says it already; `effort: none` is how it is switched off where that exists.
      if (reasoning.effort === undefined && reasoning.max_tokens === undefined) reasoning.enabled = on;
      Object.assign(reasoning, dialect.thinkingOptions);
  }
}

function effortForBudget(tokens: number): Effort {
  if (tokens < 4_096) return 'low';
  if (tokens < 12_288) return 'medium';
  return tokens < 24_576 ? 'high' : 'xhigh';
}

function effortWord(wanted: Effort, guessed: boolean, dialect: Dialect, notes: Notes): string | undefined {
  const path = guessed ? 'reasoning.budgetTokens' : 'reasoning.effort';
  if (dialect.effortField === 'none') {
    notes.add(path, 'dropped', 'the provider has no levels of effort');
    return undefined;
  }
  const at = STRENGTH.indexOf(wanted);
  const weaker = STRENGTH.slice(1, at + 1).reverse();
  const nearest = [wanted, ...weaker, ...STRENGTH.slice(at + 1)].find(
    (effort) => dialect.efforts[effort] !== undefined,
  );
  const word = nearest === undefined ? undefined : dialect.efforts[nearest];
  if (word === undefined) notes.add(path, 'dropped', 'the provider has no levels of effort');
  else if (guessed) notes.add(path, 'approximated', `sent as effort "${word}"`);
  else if (word !== wanted) notes.add(path, 'approximated', `"${wanted}" is sent as "${word}"`);
  return word;
}

/**
 * The reasoning of one assistant message in the dialect's field; `{}` where there is none to send.
 * @param path of the message's content
 */
export function encodeReasoning(
  placed: readonly { readonly block: ReasoningBlock; readonly position: number }[],
  path: string,
  encoding: Encoding,
): JsonObject {
  const { reasoningField, reasoningReplay } = encoding.dialect;
  const blocks = placed.map(({ block }) => block);
  const drop = (lost: (block: ReasoningBlock) => boolean, reason: string): void => {
    const first = placed.find(({ block }) => lost(block));
    if (first !== undefined) encoding.noteOnce(`${path}[${first.position}]`, 'dropped', reason);
  };
  if (reasoningField === 'none' || reasoningReplay === 'never') {
    drop(() => true, 'the provider takes no reasoning back');
    return {};
  }
  if (reasoningReplay === 'always' && !encoding.thinking) {
    drop(() => true, 'reasoning is off for this request');
    return {};
  }
  const { reasoningOrigin } = encoding.target;
  const isForeign = ({ state }: ReasoningBlock): boolean => state !== undefined && state.origin !== reasoningOrigin;
  drop(isForeign, 'reasoning of another provider');
  if (reasoningField !== 'reasoning_details') {
    drop(({ state }) => state?.origin === reasoningOrigin && saysSomething(state), STATE_LOST);
  }
  return reasoningFields(
    blocks.filter((block) => !isForeign(block)),
    reasoningReplay === 'always',
    encoding,
  );
}

function reasoningFields(blocks: readonly ReasoningBlock[], always: boolean, { dialect }: Encoding): JsonObject {
  const { reasoningField } = dialect;
  const said = blocks
    .map((block) => block.text)
    .filter((part) => part !== '')
    .join('\n\n');
  const text = said === '' && always ? dialect.noReasoning : said;
  if (reasoningField === 'reasoning_details') {
    const details: JsonValue[] = [];
    for (const { state } of blocks) if (state !== undefined && Array.isArray(state.data)) addAll(details, state.data);
    if (details.length > 0) return { reasoning_details: details };
    return text === '' && !always ? {} : { reasoning: text };
  }
  if (text === '' && !always) return {};
  if (reasoningField === 'thinking-part') return { thinking: [{ type: 'text', text }] };
  return { [reasoningField]: text };
}
