import type { JsonObject, JsonValue } from '@signalbox/kit';
import type { OpenRouterConfig } from './config.ts';

/** What the options add to a body, or `undefined` where they add nothing. */
export type MergeOptions = (body: JsonObject) => JsonObject;

/**
 * Adds the options to a request. What the request says itself wins: key by key in `provider`, by id among the plugins,
 * and as a whole for the list of models.
 */
export function mergerFor({ provider, fallbackModels, plugins }: OpenRouterConfig): MergeOptions | undefined {
  if (provider === undefined && fallbackModels === undefined && plugins === undefined) return undefined;
  return (body) => {
    const merged = { ...body };
    if (provider !== undefined) merged.provider = { ...provider, ...(isObject(body.provider) ? body.provider : {}) };
    // OpenRouter takes `fallbacks` of the Anthropic skin or `models`, not both.
    if (fallbackModels !== undefined && body.models === undefined && body.fallbacks === undefined) {
      merged.models = [...fallbackModels];
    }
    if (plugins !== undefined) merged.plugins = mergePlugins(plugins, body.plugins);
    return merged;
  };
}

function mergePlugins(options: readonly JsonObject[], given: JsonValue | undefined): JsonValue[] {
  const own = Array.isArray(given) ? given : [];
  const ids = new Set(own.map((plugin) => (isObject(plugin) ? plugin.id : undefined)));
  return [...options.filter(({ id }) => !ids.has(id)), ...own];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
