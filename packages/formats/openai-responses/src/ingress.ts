import { errors, type Format, type InfoRequest, type IngressRoute, type JsonObject } from '@signalbox/kit';

const PATH = /^(?:\/v1)?\/responses(?:\/|$)/;
const MODELS = /^(?:\/v1)?\/models(?:\/|$)/;

/** What is asked about a stored response, for a plugin that stores them. */
export const responseQuestions = {
  retrieve: 'openai-responses/retrieve',
  delete: 'openai-responses/delete',
  inputItems: 'openai-responses/input-items',
  cancel: 'openai-responses/cancel',
} as const;

const { retrieve, delete: remove, inputItems, cancel } = responseQuestions;
const stored = { operation: 'info', respond: notStored } as const;

/** With and without `/v1`: base URLs are written both ways. */
export const ingress: readonly IngressRoute[] = ['/v1', ''].flatMap((prefix): IngressRoute[] => [
  { method: 'POST', path: `${prefix}/responses`, operation: 'chat' },
  { method: 'POST', path: `${prefix}/responses/input_tokens`, operation: 'count-tokens' },
  { method: 'GET', path: `${prefix}/responses/:id`, question: retrieve, ...stored },
  { method: 'GET', path: `${prefix}/responses/:id/input_items`, question: inputItems, ...stored },
  { method: 'DELETE', path: `${prefix}/responses/:id`, question: remove, ...stored },
  { method: 'POST', path: `${prefix}/responses/:id/cancel`, question: cancel, ...stored },
  { method: 'GET', path: `${prefix}/models`, operation: 'models' },
  { method: 'GET', path: `${prefix}/models/:model`, operation: 'model' },
]);

function notStored({ params }: InfoRequest): JsonObject {
  throw errors.notFound(
    `Response with id '${params.id ?? ''}' not found. This gateway keeps no responses: its plugin @signalbox/transform-response-store does.`,
  );
}

export const recognises: Format['recognises'] = ({ path, headers }) => {
  if (PATH.test(path)) return true;
  const others = ['anthropic-version', 'x-api-key', 'x-goog-api-key'];
  return MODELS.test(path) && others.every((name) => headers[name] === undefined);
};

/** Nobody else has an input. */
export function resembles({ input, instructions }: JsonObject): number {
  if (typeof input !== 'string' && !Array.isArray(input)) return 0;
  return typeof instructions === 'string' ? 5 : 4;
}

export function forwardsReplyHeader(name: string): boolean {
  return name.startsWith('x-ratelimit-') || name === 'openai-processing-ms' || name === 'openai-version';
}
