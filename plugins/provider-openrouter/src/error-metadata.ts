import type { JsonObject, JsonValue } from '@signalbox/kit';

/** What OpenRouter says of an error beside its message; empty where there is nothing, or no JSON. */
export function errorMetadata(body: string): JsonObject {
  try {
    const parsed = JSON.parse(body) as JsonValue;
    const error = isObject(parsed) ? parsed.error : undefined;
    return isObject(error) && isObject(error.metadata) ? error.metadata : {};
  } catch {
    return {};
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
