import { requireKey, SignalboxError } from '@signalbox/kit';
import { AccessTokenFile } from './access-token.ts';
import type { GeminiConfig } from './config.ts';

type Headers = Record<string, string>;

/**
 * The header that says who calls, never the URL, for the credential of one call. Where the options name a project of Vertex
 * AI that is an access token, everywhere else an API key.
 * @throws {SignalboxError} BAD_CONFIG where there is none, or more than one.
 */
export function credentials(options: GeminiConfig): (credential: string | undefined) => Headers {
  const { vertex, apiKey, apiKeys, forwardCallerKey } = options;
  if (vertex?.project === undefined) {
    requireKey({
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(apiKeys === undefined ? {} : { apiKeys }),
      ...(forwardCallerKey === undefined ? {} : { forwardCallerKey }),
    });
    return (credential = '') => ({ 'x-goog-api-key': credential });
  }
  const { accessToken, accessTokenFile } = vertex;
  if (apiKey !== undefined || apiKeys !== undefined) {
    throw new SignalboxError(
      'BAD_CONFIG',
      'vertex.project: goes with an access token. Leave it out to use an API key.',
    );
  }
  if (forwardCallerKey === true) return (credential = '') => bearer(credential);
  if ((accessToken === undefined) === (accessTokenFile === undefined)) {
    throw new SignalboxError('BAD_CONFIG', 'vertex: give either "accessToken" or "accessTokenFile".');
  }
  if (accessTokenFile === undefined) return () => bearer(accessToken ?? '');
  const file = new AccessTokenFile(accessTokenFile);
  return () => bearer(file.read());
}

function bearer(token: string): Headers {
  return { authorization: `Bearer ${token}` };
}
