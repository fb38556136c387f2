import { errors, type HttpProvider, type JsonObject, type ProviderCall } from '@signalbox/kit';
import type { OpenAiConfig } from './config.ts';
import { isSearchModel } from './families.ts';

/** What `/responses/input_tokens` takes of a Responses body. */
const COUNTED = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'text',
  'conversation',
  'previous_response_id',
  'truncation',
  'personality',
];
const MISSING_SCOPE = /missing scopes?|insufficient permissions/i;
const OWN_HOST = /^https:\/\/(?:[a-z0-9-]+\.)?api\.openai\.com(?:[:/]|$)/;

/**
 * Whether OpenAI counts a call: only Responses has counts, but it counts for the models of Chat as well, so these are asked
 * there too. Not where the options say that the server has Chat alone, unless that server is OpenAI's own.
 */
export function countsTokens({
  surface,
  baseUrl,
}: Pick<OpenAiConfig, 'surface' | 'baseUrl'>): (call: Pick<ProviderCall, 'model'>) => boolean {
  const has = surface !== 'chat' || OWN_HOST.test(baseUrl);
  // Responses does not have these.
  return ({ model }) => has && !isSearchModel(model);
}

/** The body without what only generation needs. */
export function countTokensBody(body: JsonObject): JsonObject {
  const counted: JsonObject = {};
  for (const key of COUNTED) if (body[key] !== undefined) counted[key] = body[key];
  return counted;
}

/**
 * A restricted key may be good for Chat and not for Responses: then there are no counts for it, and nothing is wrong with the
 * key. Any other refusal stays what it is.
 */
export const refineCountError: NonNullable<HttpProvider['refineError']> = (error, { body, operation }) => {
  if (operation !== 'count-tokens' || error.code !== 'PROVIDER_AUTH' || !MISSING_SCOPE.test(body)) return error;
  return errors.providerFailed(501, 'OpenAI does not let this key count tokens: it lacks the scope of Responses.');
};
