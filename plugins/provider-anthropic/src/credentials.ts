import { credentialFor, type ProviderCall } from '@signalbox/kit';
import type { AnthropicConfig } from './config.ts';

const OAUTH_PREFIX = 'sk-ant-oat';
const API_KEY_PREFIX = 'sk-ant-api';
const OAUTH_BETA = 'oauth-2025-04-20';

export interface Credentials {
  readonly headers: Record<string, string>;
  /** A beta that this kind of credential cannot do without. */
  readonly beta: string | undefined;
}

/** The headers of a call with the provider's own key, where no caller's headers go along. */
export function keyHeaders(key: string): Record<string, string> {
  return key.startsWith(OAUTH_PREFIX)
    ? { authorization: `Bearer ${key}`, 'anthropic-beta': OAUTH_BETA }
    : { 'x-api-key': key };
}

/**
 * API keys go as `x-api-key`, OAuth tokens as Bearer with their beta. A forwarded key of another kind goes the way the
 * caller sent it.
 * @throws {SignalboxError} UNAUTHENTICATED when the caller's key is wanted and there is none.
 */
export function credentials(call: ProviderCall, options: AnthropicConfig): Credentials {
  const key = credentialFor(call, options) ?? '';
  if (key.startsWith(OAUTH_PREFIX)) return { headers: { authorization: `Bearer ${key}` }, beta: OAUTH_BETA };
  const cameAsBearer = call.headers['x-api-key'] === undefined && call.headers.authorization !== undefined;
  if (options.forwardCallerKey === true && cameAsBearer && !key.startsWith(API_KEY_PREFIX)) {
    return { headers: { authorization: `Bearer ${key}` }, beta: undefined };
  }
  return { headers: { 'x-api-key': key }, beta: undefined };
}
