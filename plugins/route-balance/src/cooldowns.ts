import { type AttemptRecord, type JsonObject, RecentMap, type Target, targetId } from '@signalbox/kit';
import type { BalanceConfig } from './config.ts';

const MAX_ENTRIES = 2_000;

export interface Cooldown {
  readonly code: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

export type CooldownTimes = Required<NonNullable<BalanceConfig['cooldown']>>;

export const defaultCooldown: CooldownTimes = Object.freeze({
  rateLimitedMs: 15_000,
  refusedMs: 300_000,
  exhaustedMs: 900_000,
  maxMs: 3_600_000,
});

/**
 * Which keys and targets had better be left alone for a while. `caller` is who brought a key of their own: what becomes
 * of it is nobody else's business.
 */
export class Cooldowns {
  readonly #entries = new RecentMap<Cooldown>(MAX_ENTRIES);

  /** The later one of what holds for the target and for its key. */
  of(target: Target, caller: string): Cooldown | undefined {
    const one = this.#active(targetId(target) + caller);
    const other = this.#active(keyId(target) + caller);
    return one !== undefined && (other === undefined || one.untilMs >= other.untilMs) ? one : other;
  }

  learn(attempt: AttemptRecord, target: Target, caller: string, times: CooldownTimes): void {
    const now = performance.now();
    if (attempt.committedMs !== undefined) {
      // It works again; unless it began before the trouble did.
      const startedAt = now - (attempt.endedMs - attempt.startedMs);
      for (const id of [targetId(target) + caller, keyId(target) + caller]) {
        const known = this.#entries.get(id);
        if (known !== undefined && known.sinceMs < startedAt) this.#entries.delete(id);
      }
      return;
    }
    const { error, outcome, providerStatus } = attempt;
    if (error === undefined || outcome !== 'failed') return;
    const trouble = troubleOf(error.code, providerStatus, times);
    if (trouble === undefined) return;
    const id = (trouble.ofKey ? keyId(target) : targetId(target)) + caller;
    const askedMs = error.retryAfterSeconds === undefined ? undefined : error.retryAfterSeconds * 1_000;
    const ms = Math.min(times.maxMs, trouble.atLeast ? Math.max(trouble.ms, askedMs ?? 0) : (askedMs ?? trouble.ms));
    this.#entries.set(id, { code: error.code, sinceMs: now, untilMs: now + ms });
  }

  /** For `/health`: those that are still on. */
  state(): JsonObject {
    const now = performance.now();
    const state: JsonObject = {};
    for (const [id, { code, untilMs }] of this.#entries) {
      if (untilMs > now) state[id] = { code, seconds: Math.ceil((untilMs - now) / 1_000) };
    }
    return state;
  }

  #active(id: string): Cooldown | undefined {
    const known = this.#entries.get(id);
    return known !== undefined && known.untilMs > performance.now() ? known : undefined;
  }
}

/** A provider's key as one name, whatever the model. */
export function keyId({ provider, key }: Target): string {
  return key === undefined ? provider : `${provider}#${key}`;
}

interface Trouble {
  /** All models of the key have it. */
  readonly ofKey: boolean;
  readonly ms: number;
  /** A `retry-after` can make it longer only. */
  readonly atLeast: boolean;
}

function troubleOf(code: string, status: number | undefined, times: CooldownTimes): Trouble | undefined {
  switch (code) {
    case 'RATE_LIMITED':
      return { ofKey: false, ms: times.rateLimitedMs, atLeast: false };
    case 'PROVIDER_AUTH':
      // A 403 may be about this model alone.
      return { ofKey: status !== 403, ms: times.refusedMs, atLeast: true };
    case 'PROVIDER_BILLING':
    case 'QUOTA_EXHAUSTED':
      return { ofKey: true, ms: times.exhaustedMs, atLeast: true };
    default:
      return undefined;
  }
}
