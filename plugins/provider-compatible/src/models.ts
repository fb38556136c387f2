import { asObject, decodeModelList, type JsonObject, type ModelInfo, tokenLimit } from '@signalbox/kit';

/**
 * The models of a server, with the limits that it states under one of the usual names: Groq, Mistral, vLLM, Moonshot and
 * Anthropic each have their own. What llama.cpp trained with (`meta.n_ctx_train`) is not what it serves.
 * @throws {SignalboxError} MALFORMED_REPLY
 */
export function decodeModels(answer: JsonObject): readonly ModelInfo[] {
  return decodeModelList(answer, (entry) => ({
    ...(typeof entry.display_name === 'string' && entry.display_name !== '' ? { displayName: entry.display_name } : {}),
    ...tokenLimit(
      'contextTokens',
      entry.context_window,
      entry.context_length,
      entry.max_context_length,
      entry.max_model_len,
      entry.max_input_tokens,
    ),
    ...tokenLimit(
      'maxOutputTokens',
      entry.max_completion_tokens,
      entry.max_output_tokens,
      asObject(entry.top_provider).max_completion_tokens,
      entry.max_tokens,
    ),
  }));
}
