import { requireKey, SignalboxError } from '@signalbox/kit';
import type { CompatibleConfig } from './config.ts';
import type { ErrorPattern } from './error-patterns.ts';
import { type Profile, profileOf } from './profiles/index.ts';
import type { TokenCounts } from './token-counts.ts';

/** The options, completed by the profile: what the user gave wins, field by field. */
export interface Settings {
  readonly options: CompatibleConfig;
  readonly profile: Profile | undefined;
  readonly name: string;
  readonly baseUrl: string;
  /** `undefined`: the format's own. */
  readonly path: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly authHeader: string;
  readonly errors: readonly ErrorPattern[];
  /** `undefined`: it does not count. */
  readonly tokenCounts: TokenCounts | undefined;
}

/** @throws {SignalboxError} BAD_CONFIG for what neither the options nor the profile say. */
export function settingsOf(options: CompatibleConfig): Settings {
  const profile = profileOf(options.profile);
  const name = options.name ?? profile?.id;
  if (name === undefined) throw new SignalboxError('BAD_CONFIG', 'name: required, unless there is a "profile".');
  const chat = options.format === 'openai-chat';
  const baseUrl = options.baseUrl ?? (chat ? profile?.baseUrl : profile?.anthropicBaseUrl);
  if (baseUrl === undefined) throw new SignalboxError('BAD_CONFIG', `baseUrl: ${missingUrl(profile, chat)}`);
  const authHeader = options.authHeader ?? profile?.authHeader ?? 'authorization';
  if (profile?.key === 'required' && !hasHeader(options.headers, authHeader)) requireKey(options);
  return {
    options,
    profile,
    name,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    path: options.path ?? (chat ? profile?.path : undefined),
    query: { ...(chat ? profile?.query : undefined), ...options.query },
    authHeader,
    tokenCounts: options.tokenCounts ?? profile?.tokenCounts?.[options.format],
    errors: [...(options.errors ?? []), ...(profile?.errors ?? [])],
  };
}

function missingUrl(profile: Profile | undefined, chat: boolean): string {
  if (profile === undefined) return 'required, unless there is a "profile".';
  if (!chat) return `the profile "${profile.id}" has no URL for "anthropic-messages".`;
  return `the profile "${profile.id}" needs yours, as in ${profile.alsoAt[0] ?? 'its documentation'}`;
}

/** A credential of another kind, such as a token of Entra ID. */
function hasHeader(headers: CompatibleConfig['headers'], authHeader: string): boolean {
  return Object.keys(headers ?? {}).some((name) => [authHeader, 'authorization'].includes(name.toLowerCase()));
}
