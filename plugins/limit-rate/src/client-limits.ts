import { type Admission, type Exchange, type ExchangeRecord, errors } from '@signalbox/kit';
import type { RateConfig } from './config.ts';
import type { Grant, Limiter } from './limiter.ts';
import type { Limiters } from './limiters.ts';
import { overLimitError } from './over-limit-error.ts';
import { compileClients, type Rule } from './rules.ts';
import { type Estimate, estimate, NOTHING, usedBy } from './tokens.ts';

/** The place of one exchange, from its first try to its end. */
interface Place {
  readonly expected: Estimate;
  /** All tries of an exchange wait for one place. */
  granted: Promise<Grant> | undefined;
  grant: Grant | undefined;
  over: boolean;
}

interface Applying {
  readonly limiter: Limiter;
  readonly rule: Rule;
  readonly expected: Estimate;
}

/**
 * The limits of callers. A request over its limit is refused before it is routed; a place is taken, or waited for, at its
 * first try, so that nothing is counted which is never tried, and given back when the exchange is over.
 */
export class ClientLimits {
  readonly #ruleOf: (principal: string) => Rule | undefined;
  readonly #limiters: Limiters;
  readonly #answerTokens: number;
  readonly #closing: AbortSignal;
  readonly #places = new Map<string, Place>();

  constructor({ clients, answerTokens }: RateConfig, limiters: Limiters, closing: AbortSignal) {
    this.#ruleOf = compileClients(clients);
    this.#limiters = limiters;
    this.#answerTokens = answerTokens;
    this.#closing = closing;
  }

  /** @throws {SignalboxError} RATE_LIMITED where it would have to be refused now. Takes no place. */
  check(exchange: Exchange): void {
    const applying = this.#applyingTo(exchange);
    if (applying === undefined) return;
    const { limiter, rule, expected } = applying;
    const refusal = limiter.refusal(expected.prompt + expected.answer, rule.limits);
    if (refusal !== undefined) throw refused(refusal, exchange, applying);
  }

  readonly admit: Admission = async (_target, exchange) => {
    const applying = this.#applyingTo(exchange);
    if (applying === undefined) return undefined;
    const { expected } = applying;
    let place = this.#places.get(exchange.id);
    if (place === undefined) {
      place = { expected, granted: undefined, grant: undefined, over: false };
      this.#places.set(exchange.id, place);
    }
    if (place.grant === undefined) {
      place.granted ??= this.#take(exchange, applying, place);
      await place.granted;
    }
    return undefined;
  };

  /** The exchange is over: settles it with what all its tries have used. */
  finish({ id, attempts }: Pick<ExchangeRecord, 'id' | 'attempts'>): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    place.over = true;
    place.grant?.end(attempts.reduce((sum, attempt) => sum + usedBy(attempt, place.expected), 0));
  }

  async #take(exchange: Exchange, applying: Applying, place: Place): Promise<Grant> {
    const { limiter, rule, expected } = applying;
    try {
      const signals = () => [exchange.signal, this.#closing];
      const grant = await limiter.acquire(expected.prompt + expected.answer, rule.limits, signals);
      if (place.over) {
        grant.undo();
        throw errors.clientClosed();
      }
      place.grant = grant;
      return grant;
    } catch (error) {
      this.#places.delete(exchange.id);
      throw refused(error, exchange, applying);
    }
  }

  #applyingTo(exchange: Exchange): Applying | undefined {
    const id = idOf(exchange);
    const rule = exchange.operation === 'chat' ? this.#ruleOf(id) : undefined;
    if (rule === undefined) return undefined;
    return {
      rule,
      limiter: this.#limiters.of(`${rule.place} ${id}`),
      expected: rule.limits.tokensPerMinute === undefined ? NOTHING : estimate(exchange, this.#answerTokens),
    };
  }
}

function refused(error: unknown, exchange: Exchange, { rule, expected }: Applying): unknown {
  // No other target would change it.
  return overLimitError(error, { who: `"${idOf(exchange)}"`, rule, expected, retryable: false });
}

function idOf({ principal }: Exchange): string {
  return principal?.id ?? 'local';
}
