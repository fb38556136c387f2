import { entryOf, errors, type JsonObject, MADE_UP, newId } from '@signalbox/kit';
import type { Item, ResponseStore } from './store.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** How ids of items begin, by type. */
const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
};

type Query = Readonly<Record<string, string | undefined>>;

/** A page of the items as OpenAI lists them: the last ones first, unless the query says otherwise. */
export function listItems(items: readonly Item[], query: Query, store: ResponseStore, owner: string): JsonObject {
  const { after, order = 'desc' } = query;
  const limit = limitOf(query.limit);
  if (order !== 'asc' && order !== 'desc') throw errors.invalidRequest('order: must be "asc" or "desc".');
  const all = items.map((item) => listed(item, store, owner));
  if (order === 'desc') all.reverse();
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0)
    throw errors.invalidRequest(`after: there is no item '${after}' in this list.`);
  const data = all.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < all.length,
  };
}

function limitOf(asked: string | undefined): number {
  if (asked === undefined) return DEFAULT_LIMIT;
  const limit = Number(asked);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw errors.invalidRequest(`limit: must be a whole number from 1 to ${MAX_LIMIT}.`);
}

/** An item as the list has it, where nothing is left out that a request may leave out. */
function listed(item: Item, store: ResponseStore, owner: string): JsonObject {
  const { id: own, type: given, ...fields } = JSON.parse(item.text) as JsonObject;
  const type = typeof given === 'string' ? given : 'message';
  const isNamed = typeof own === 'string';
  if (!isNamed && item.id === undefined) {
    store.name(owner, item, newId(`${entryOf(PREFIXES, type) ?? 'item'}_${MADE_UP}`));
  }
  const status =
    type === 'message' || type.endsWith('_call') || type.endsWith('_output') ? { status: 'completed' } : {};
  const whole: JsonObject = { id: isNamed ? own : item.id, type, ...status, ...fields };
  if (type === 'message' && typeof whole.content === 'string') whole.content = [textPart(whole)];
  return whole;
}

function textPart({ role, content: text }: JsonObject): JsonObject {
  if (role !== 'assistant') return { type: 'input_text', text };
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
