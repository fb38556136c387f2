import { type Admission, formatTarget, type PluginHost, type RoutePlan, type Target } from '@signalbox/kit';
import type { RateConfig } from './config.ts';
import type { Grant } from './limiter.ts';
import type { Limiters } from './limiters.ts';
import { overLimitError } from './over-limit-error.ts';
import { compileTargets, type TargetRule } from './rules.ts';
import { estimate, NOTHING, usedBy } from './tokens.ts';

/** The limits of targets: a place in each is taken, or waited for, before a try, and given back when it has ended. */
export class TargetLimits {
  readonly #rules: readonly TargetRule[];
  readonly #limiters: Limiters;
  readonly #keysOf: PluginHost['keysOf'];
  readonly #answerTokens: number;
  readonly #closing: AbortSignal;

  constructor(
    { targets, answerTokens }: RateConfig,
    limiters: Limiters,
    keysOf: PluginHost['keysOf'],
    closing: AbortSignal,
  ) {
    this.#rules = compileTargets(targets);
    this.#limiters = limiters;
    this.#keysOf = keysOf;
    this.#answerTokens = answerTokens;
    this.#closing = closing;
  }

  concern({ targets }: RoutePlan): boolean {
    return this.#rules.length > 0 && targets.some((target) => this.#rules.some(({ fits }) => fits(target)));
  }

  readonly admit: Admission = async (target, exchange) => {
    const rules = this.#rules.filter(({ fits }) => fits(target));
    if (rules.length === 0) return undefined;
    const counted = this.#withKey(target);
    const countsTokens = rules.some(({ limits }) => limits.tokensPerMinute !== undefined);
    const expected = countsTokens ? estimate(exchange, this.#answerTokens) : NOTHING;
    const grants: Grant[] = [];
    // One after the other in the order of the options, which is the same for all: nobody waits for each other.
    for (const rule of rules) {
      const limiter = this.#limiters.of(`${rule.place} ${rule.countedAs(counted)}`);
      try {
        const signals = () => [exchange.signal, this.#closing];
        const granted = limiter.acquire(expected.prompt + expected.answer, rule.limits, signals);
        if (granted instanceof Promise) {
          grants.push(await granted);
          if (exchange.signal.aborted) throw exchange.signal.reason;
        } else {
          grants.push(granted);
        }
      } catch (error) {
        for (const grant of grants) grant.undo();
        throw overLimitError(error, { who: formatTarget(target), rule, expected, retryable: true });
      }
    }
    return (attempt) => {
      for (const grant of grants) {
        if (attempt.outcome === 'skipped') grant.undo();
        else grant.end(usedBy(attempt, expected));
      }
    };
  };

  /** A target without a key has its provider's first one. */
  #withKey(target: Target): Target {
    const [key = target.key] = target.key === undefined ? this.#keysOf(target.provider) : [];
    return key === undefined ? target : { ...target, key };
  }
}
