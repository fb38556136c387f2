import type { JsonObject, JsonValue, ModelInfo } from '@signalbox/spec';
import { errors } from './errors.ts';

/**
 * The models of an answer `{ data: [{ id, … }] }`, as most providers give it. Entries without an id, and those that are
 * there a second time, are left out. `read` says what else an entry tells; `undefined` there means not known.
 * @throws {SignalboxError} MALFORMED_REPLY where there is no list.
 */
export function decodeModelList(
  answer: JsonObject,
  read: (entry: JsonObject) => Omit<ModelInfo, 'id'> = () => ({}),
): readonly ModelInfo[] {
  if (!Array.isArray(answer.data)) throw errors.malformedReply('The list of models has no "data".');
  const models = new Map<string, ModelInfo>();
  for (const entry of answer.data) {
    const model = asObject(entry);
    const { id } = model;
    if (typeof id === 'string' && id !== '' && !models.has(id)) models.set(id, { id, ...read(model) });
  }
  return [...models.values()];
}

/** The object, or an empty one for anything else: to read what a list says as far as it says it. */
export function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** `{ [name]: tokens }` for the first whole positive number among `values`, else nothing. */
export function tokenLimit<K extends 'contextTokens' | 'maxOutputTokens'>(
  name: K,
  ...values: readonly (JsonValue | undefined)[]
): { readonly [Name in K]?: number } {
  const tokens = values.find((value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0);
  return tokens === undefined ? {} : ({ [name]: tokens } as { [Name in K]: number });
}
