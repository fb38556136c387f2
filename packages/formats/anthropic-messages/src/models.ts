import type { JsonObject, ModelInfo } from '@signalbox/kit';

/** The official API gives the epoch where a model's release is not known. */
const UNKNOWN_RELEASE = '1970-01-01T00:00:00Z';

export function encodeModel({ id, displayName, contextTokens, maxOutputTokens }: ModelInfo): JsonObject {
  return {
    type: 'model',
    id,
    display_name: displayName ?? id,
    created_at: UNKNOWN_RELEASE,
    ...(contextTokens === undefined ? {} : { max_input_tokens: contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
  };
}

/** The whole list is one page. */
export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return {
    data: models.map(encodeModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}
