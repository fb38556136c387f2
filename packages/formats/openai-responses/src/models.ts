import type { JsonObject, ModelInfo } from '@signalbox/kit';

/** The list of `GET /v1/models`; `created` is mandatory on this wire and unknown here, so it is 0. */
export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return { object: 'list', data: models.map(encodeModel) };
}

/** One model. The limits, in tokens, have the names that other OpenAI-like servers gave them. */
export function encodeModel({ id, displayName, contextTokens, maxOutputTokens, ownedBy }: ModelInfo): JsonObject {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: ownedBy ?? 'signalbox',
    ...(displayName === undefined ? {} : { name: displayName }),
    ...(contextTokens === undefined ? {} : { context_length: contextTokens, context_window: contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { max_completion_tokens: maxOutputTokens }),
  };
}
