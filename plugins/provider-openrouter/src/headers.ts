import { credentialFor, type ProviderCall } from '@signalbox/kit';
import type { OpenRouterConfig } from './config.ts';

/** Headers that are the same for every call. */
export function fixedHeaders({ referer, title, categories, metadata }: OpenRouterConfig): Record<string, string> {
  return {
    ...(referer === undefined ? {} : { 'http-referer': referer }),
    ...(title === undefined ? {} : { 'x-openrouter-title': title }),
    ...(categories === undefined ? {} : { 'x-openrouter-categories': categories.join(',') }),
    ...(metadata === true ? { 'x-openrouter-metadata': 'enabled' } : {}),
  };
}

/** The credential, and the session: requests of one session stay with one endpoint, where their prompt cache is. */
export function callHeaders(call: ProviderCall, options: OpenRouterConfig): Record<string, string> {
  const session = call.headers['x-session-id'] ?? call.headers['x-claude-code-session-id'];
  return {
    authorization: `Bearer ${credentialFor(call, options) ?? ''}`,
    ...(session === undefined ? {} : { 'x-session-id': session.slice(0, 256) }),
  };
}
