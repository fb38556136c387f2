import type { JsonObject, ProviderCall } from '@signalbox/kit';

/** What `CountTokens` takes of a Converse body. */
const COUNTED = ['messages', 'system', 'toolConfig', 'additionalModelRequestFields'];
/** Where an inference profile may run its model: two letters, or one of these. */
const GEOGRAPHY = /^(?:[a-z]{2}|us-gov|apac|global)\./;
const ARN = /^arn:[^/]*:(foundation-model|inference-profile)\/(.+)$/;

/**
 * The id by which Bedrock counts for a model: that of the foundation model alone, without the geography of an inference
 * profile. `undefined` where it cannot be told, as with application inference profiles.
 */
export function countedModel(model: string, baseModels: Readonly<Record<string, string>>): string | undefined {
  const base = Object.hasOwn(baseModels, model) ? (baseModels[model] ?? model) : model;
  const [, , name = base] = ARN.exec(base) ?? [];
  return name.startsWith('arn:') ? undefined : name.replace(GEOGRAPHY, '');
}

/** The body without what only generation needs, as CountTokens wants it. */
export function countTokensBody(body: JsonObject): JsonObject {
  const converse: JsonObject = {};
  for (const key of COUNTED) if (body[key] !== undefined) converse[key] = body[key];
  return { input: { converse } };
}

/** What follows the base URL. */
export function pathOf(
  { operation, model, stream }: ProviderCall,
  baseModels: Readonly<Record<string, string>>,
): string {
  const of = (name: string, verb: string): string => `/model/${encodeURIComponent(name)}/${verb}`;
  if (operation === 'count-tokens') return of(countedModel(model, baseModels) ?? model, 'count-tokens');
  return of(model, stream ? 'converse-stream' : 'converse');
}
