import { type ProviderHost, SignalboxError } from '@signalbox/kit';
import type { BedrockConfig } from './config.ts';
import { DefaultCredentials } from './default-credentials.ts';
import type { AccessKey } from './sign.ts';

/** An API key of Bedrock, where AWS's own clients look for one. */
const BEARER = 'AWS_BEARER_TOKEN_BEDROCK';

/** How Bedrock is told who calls: by keys that are sent, or by a signature. */
export type Access =
  | { readonly kind: 'bearer'; readonly options: BedrockConfig }
  | {
      readonly kind: 'signed';
      readonly credentials: AccessKey | (() => Promise<AccessKey>);
      /** Where they may be looked up anew. */
      readonly found?: DefaultCredentials;
    };

/**
 * The options' own credentials, else what AWS's clients would find.
 * @throws {SignalboxError} BAD_CONFIG for a credential that is half there, or there twice.
 */
export function accessOf(options: BedrockConfig, { env, log }: ProviderHost): Access {
  const { region, profile, accessKeyId, secretAccessKey, sessionToken, apiKey, apiKeys, forwardCallerKey } = options;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new SignalboxError('BAD_CONFIG', 'accessKeyId: goes together with "secretAccessKey".');
  }
  if (sessionToken !== undefined && accessKeyId === undefined) {
    throw new SignalboxError('BAD_CONFIG', 'sessionToken: goes together with "accessKeyId".');
  }
  const sent = [apiKey !== undefined, apiKeys !== undefined, forwardCallerKey === true].filter(Boolean).length;
  if (sent > 0 && accessKeyId !== undefined) {
    throw new SignalboxError('BAD_CONFIG', 'accessKeyId: calls are signed, or have an API key, not both.');
  }
  if (profile !== undefined && (sent > 0 || accessKeyId !== undefined)) {
    throw new SignalboxError('BAD_CONFIG', 'profile: names where to look for a key, and there is one already.');
  }
  if (apiKey !== undefined && apiKeys !== undefined) {
    throw new SignalboxError('BAD_CONFIG', 'apiKeys: give either one "apiKey" or several "apiKeys".');
  }
  if (sent > 0) return { kind: 'bearer', options };
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const key = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    return { kind: 'signed', credentials: key };
  }
  const token = env[BEARER] ?? '';
  if (profile === undefined && token !== '') return { kind: 'bearer', options: { ...options, apiKey: token } };
  const found = new DefaultCredentials({ region, profile }, log);
  return { kind: 'signed', credentials: () => found.find(), found };
}
