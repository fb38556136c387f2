import { type AttemptRecord, type Target, targetId } from '@signalbox/kit';

/** What a circuit belongs to. */
export type Scope = 'provider' | 'key' | 'target';

/** What a try says about one circuit; `undefined`: nothing. */
export type Verdict = 'success' | 'failure' | undefined;

/** No connection is the whole provider's failure. */
const OF_PROVIDER = new Set(['PROVIDER_UNREACHABLE', 'CONNECT_TIMEOUT']);
/** The account's, whatever the model. */
const OF_KEY = new Set(['PROVIDER_AUTH', 'PROVIDER_BILLING', 'QUOTA_EXHAUSTED']);

/** The names of a target's circuits. */
export function circuitIds(target: Target): Readonly<Record<Scope, string>> {
  const { provider, key = 'key' } = target;
  return { provider, key: `${provider}#${key}`, target: targetId(target) };
}

/**
 * What a try says about the connection, the key and the target. A refusal of the request itself, and a client that left
 * before the first content, say nothing about the target.
 */
export function judge(
  { outcome, committedMs, providerStatus, error }: AttemptRecord,
  failures: ReadonlySet<string>,
): Readonly<Record<Scope, Verdict>> {
  const code = error?.code ?? '';
  const failed = (outcome === 'failed' || outcome === 'cut') && failures.has(code);
  const answered = committedMs !== undefined;
  return {
    provider:
      failed && OF_PROVIDER.has(code) ? 'failure' : providerStatus === undefined && !answered ? undefined : 'success',
    key: failed && OF_KEY.has(code) ? 'failure' : answered ? 'success' : undefined,
    target:
      failed && !OF_PROVIDER.has(code) && !OF_KEY.has(code)
        ? 'failure'
        : answered && outcome !== 'cut'
          ? 'success'
          : undefined,
  };
}
