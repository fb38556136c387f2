import { type RoutePlan, type StrategyHost, type Target, targetId } from '@signalbox/kit';
import type { BoundState } from './bound-state.ts';

/** A plan's targets in a new order, and why. */
export type Order = Pick<RoutePlan, 'targets' | 'reason'>;

const BECAUSE: Readonly<Record<BoundState, string>> = {
  stored: 'the conversation is stored there',
  encrypted: 'the request holds encrypted state of it',
};

/**
 * The account first that gave the state, then those of other providers, which get the request without it; never another
 * account of the same provider, and nobody else where the conversation is stored. `undefined`: it is not in the plan.
 */
export function returnTo(
  last: Target,
  state: BoundState,
  { targets, reason }: Order,
  host: Pick<StrategyHost, 'keysOf'>,
): Order | undefined {
  const own = new Map<string, Target>();
  for (const target of targets) {
    const pinned =
      target.key === undefined && target.provider === last.provider ? withKey(target, last.key, host) : target;
    if (isSameAccount(pinned, last, host)) own.set(targetId(pinned), pinned);
  }
  if (own.size === 0) return undefined;
  const others = state === 'stored' ? [] : targets.filter(({ provider }) => provider !== last.provider);
  const account = last.key === undefined ? last.provider : `${last.provider}#${last.key}`;
  return {
    targets: [...own.values(), ...others],
    reason: `${reason}; ${state === 'stored' ? 'only' : 'first'} ${account}: ${BECAUSE[state]}`,
  };
}

function withKey(target: Target, key: string | undefined, host: Pick<StrategyHost, 'keysOf'>): Target {
  return key !== undefined && host.keysOf(target.provider).includes(key) ? { ...target, key } : target;
}

/** A target that leaves its key open gets the provider's first. */
export function isSameAccount(a: Target, b: Target, host: Pick<StrategyHost, 'keysOf'>): boolean {
  if (a.provider !== b.provider) return false;
  const [first] = host.keysOf(a.provider);
  return (a.key ?? first) === (b.key ?? first);
}
