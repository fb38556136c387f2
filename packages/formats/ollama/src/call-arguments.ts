import { type JsonObject, type JsonValue, parseJson, type ToolCallBlock } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** Arguments are objects on this wire. What else a model wrote is wrapped, so that nobody acts on other arguments. */
export interface WireArguments {
  readonly value: JsonObject;
  /** Why it is not what the model wrote. */
  readonly changed?: string;
  /** The text does not parse: it may have been cut. */
  readonly broken?: boolean;
}

/** The arguments of a call in a history or a whole reply. */
export function argumentsOf({ input, rawInput }: ToolCallBlock): WireArguments {
  // An empty input beside a text may mean that the text did not parse.
  if (rawInput !== undefined && isObject(input) && Object.keys(input).length === 0) return parseArguments(rawInput);
  return wrap(input);
}

/** The arguments of a call from their text. */
export function parseArguments(json: string): WireArguments {
  if (json.trim() === '') return { value: {} };
  try {
    return wrap(parseJson(json));
  } catch {
    return { value: { _raw: json }, changed: 'arguments that are no JSON stand under "_raw"', broken: true };
  }
}

function wrap(input: JsonValue): WireArguments {
  if (isObject(input)) return { value: input };
  return { value: { value: input }, changed: 'arguments that are no object stand under "value"' };
}
