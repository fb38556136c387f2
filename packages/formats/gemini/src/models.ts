import type { JsonObject, ModelInfo } from '@signalbox/kit';
import { count, isObject, text } from './fields.ts';

/** The answer of `GET /v1beta/models`; the whole list is one page. */
export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return { models: models.map(encodeModel) };
}

export function encodeModel({ id, displayName, contextTokens, maxOutputTokens, capabilities }: ModelInfo): JsonObject {
  return {
    name: `models/${id}`,
    displayName: displayName ?? id,
    ...(contextTokens === undefined ? {} : { inputTokenLimit: contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { outputTokenLimit: maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    ...(capabilities?.reasoning === undefined ? {} : { thinking: capabilities.reasoning }),
  };
}

/** The models of one page that can chat, with their limits in tokens, and where the next page begins. */
export function decodeModels(page: JsonObject): { models: ModelInfo[]; nextPageToken: string | undefined } {
  const models: ModelInfo[] = [];
  for (const entry of Array.isArray(page.models) ? page.models : []) {
    const model = isObject(entry) ? decodeModel(entry) : undefined;
    if (model !== undefined) models.push(model);
  }
  return { models, nextPageToken: text(page.nextPageToken) };
}

function decodeModel(wire: JsonObject): ModelInfo | undefined {
  const id = text(wire.name)?.replace(/^models\//, '');
  const methods = wire.supportedGenerationMethods;
  if (id === undefined || (Array.isArray(methods) && !methods.includes('generateContent'))) return undefined;
  const displayName = text(wire.displayName);
  const contextTokens = count(wire.inputTokenLimit);
  const maxOutputTokens = count(wire.outputTokenLimit);
  return {
    id,
    ...(displayName === undefined ? {} : { displayName }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ownedBy: 'google',
    ...(typeof wire.thinking === 'boolean' ? { capabilities: { reasoning: wire.thinking } } : {}),
  };
}
