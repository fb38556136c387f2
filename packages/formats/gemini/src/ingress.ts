import type { Format, IngressRoute, JsonObject } from '@signalbox/kit';

/**
 * With and without the beta: SDKs are set to either. A model's name may hold slashes and colons, so it is all that stands
 * before the last colon; in the list of models under `/v1` it is one segment, because that path is shared.
 */
export const ingress: readonly IngressRoute[] = [
  ...['/v1beta', '/v1'].flatMap((prefix): IngressRoute[] => [
    ...methodsOf(`${prefix}/models`),
    { method: 'GET', path: `${prefix}/models`, operation: 'models' },
    { method: 'GET', path: `${prefix}/models/${prefix === '/v1' ? ':' : '*'}model`, operation: 'model' },
  ]),
  // The AI SDK takes a name with a slash for the whole path.
  ...methodsOf('/v1beta'),
];

function methodsOf(prefix: string): IngressRoute[] {
  return [
    { method: 'POST', path: `${prefix}/*model\\:generateContent`, operation: 'chat', stream: false },
    { method: 'POST', path: `${prefix}/*model\\:streamGenerateContent`, operation: 'chat', stream: true },
    { method: 'POST', path: `${prefix}/*model\\:countTokens`, operation: 'count-tokens' },
  ];
}

const PATH =
  /^\/v1beta\/models(?:\/|$)|^\/(?:v1beta|v1\/models)\/.+:(?:generateContent|streamGenerateContent|countTokens)$/;

export const recognises: Format['recognises'] = ({ path, headers }) =>
  PATH.test(path) || headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined;

/** Nobody else has contents. */
export function resembles({ contents, generationConfig, systemInstruction }: JsonObject): number {
  if (typeof contents !== 'string' && (typeof contents !== 'object' || contents === null)) return 0;
  return 4 + (generationConfig === undefined ? 0 : 1) + (systemInstruction === undefined ? 0 : 1);
}
