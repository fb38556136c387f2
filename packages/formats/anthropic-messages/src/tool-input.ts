import type { JsonObject, ToolCallBlock } from '@signalbox/kit';
import { isObject } from './wire.ts';

/**
 * The arguments of a call whose text is not JSON, under `_raw`: this format carries values, not text, and `{}` would
 * look like a call without arguments. `undefined` for every call whose arguments parsed.
 */
export function unparsedInput({ input, rawInput }: ToolCallBlock): JsonObject | undefined {
  if (rawInput === undefined || !isObject(input) || Object.keys(input).length > 0 || rawInput.trim() === '') {
    return undefined;
  }
  try {
    JSON.parse(rawInput);
    return undefined;
  } catch {
    return { _raw: rawInput };
  }
}
