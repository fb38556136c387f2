import { errors, type Format, type InfoRequest, type IngressRoute, type JsonObject } from '@signalbox/kit';

const PATH = /^(?:\/v1)?\/responses(?:\/|$)/;
const MODELS = /^(?:\/v1)?\/models(?:\/|$)/;

/** With and without `/v1`: base URLs are written both ways. */
export const ingress: readonly IngressRoute[] = ['/v1', ''].flatMap((prefix): IngressRoute[] => [
  { method: 'POST', path: `${prefix}/responses`, operation: 'chat' },
  { method: 'POST', path: `${prefix}/responses/input_tokens`, operation: 'count-tokens' },
  { method: 'GET', path: `${prefix}/responses/:id`, operation: 'info', respond: notStored },
  { method: 'GET', path: `${prefix}/responses/:id/input_items`, operation: 'info', respond: notStored },
  { method: 'DELETE', path: `${prefix}/responses/:id`, operation: 'info', respond: notStored },
  { method: 'GET', path: `${prefix}/models`, operation: 'models' },
  { method: 'GET', path: `${prefix}/models/:model`, operation: 'model' },
]);

function notStored({ params }: InfoRequest): JsonObject {
  throw errors.notFound(`Response with id '${params.id ?? ''}' not found. This gateway gives out no stored responses.`);
}

export const recognises: Format['recognises'] = ({ path, headers }) => {
  if (PATH.test(path)) return true;
  return MODELS.test(path) && headers['anthropic-version'] === undefined && headers['x-api-key'] === undefined;
};

/** Nobody else has an input. */
export function resembles({ input, instructions }: JsonObject): number {
  if (typeof input !== 'string' && !Array.isArray(input)) return 0;
  return typeof instructions === 'string' ? 5 : 4;
}

export function forwardsReplyHeader(name: string): boolean {
  return name.startsWith('x-ratelimit-') || name === 'openai-processing-ms' || name === 'openai-version';
}
