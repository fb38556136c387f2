import type { Format, IngressRoute } from '@signalbox/kit';

/**
 * With and without the beta: SDKs are set to either. A model's name may hold slashes and colons, so it is all that stands
 * before the last colon; in the list of models under `/v1` it is one segment, because that path is shared.
 */
export const ingress: readonly IngressRoute[] = ['/v1beta', '/v1'].flatMap((prefix): IngressRoute[] => [
  { method: 'POST', path: `${prefix}/models/*model\\:generateContent`, operation: 'chat', stream: false },
  { method: 'POST', path: `${prefix}/models/*model\\:streamGenerateContent`, operation: 'chat', stream: true },
  { method: 'POST', path: `${prefix}/models/*model\\:countTokens`, operation: 'count-tokens' },
  { method: 'GET', path: `${prefix}/models`, operation: 'models' },
  { method: 'GET', path: prefix === '/v1' ? `${prefix}/models/:model` : `${prefix}/models/*model`, operation: 'model' },
]);

const PATH = /^\/v1beta\/models(?:\/|$)|^\/v1\/models\/.+:(?:generateContent|streamGenerateContent|countTokens)$/;

export const recognises: Format['recognises'] = ({ path, headers }) =>
  PATH.test(path) || headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined;
