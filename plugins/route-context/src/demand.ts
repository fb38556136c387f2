import { type Exchange, type ModelInfo, SignalboxError, type StrategyHost, type Target } from '@signalbox/kit';
import { mostOutputTokens, mostPromptTokens } from './byte-bound.ts';
import type { ContextConfig } from './config.ts';

/** A window and what does not fit into it, in tokens. */
export interface Excess {
  readonly target: Target;
  readonly windowTokens: number;
  readonly promptTokens: number;
  /** Kept free for the answer. */
  readonly reservedTokens: number;
}

/** What one request needs of a context window. Decodes only where the bytes leave it open. */
export class Demand {
  readonly #exchange: Exchange;
  readonly #options: Pick<ContextConfig, 'margin' | 'maxReservedTokens'>;
  readonly #host: Pick<StrategyHost, 'modelInfo'>;
  #mostOutput: number | undefined;

  constructor(
    exchange: Exchange,
    options: Pick<ContextConfig, 'margin' | 'maxReservedTokens'>,
    host: Pick<StrategyHost, 'modelInfo'>,
  ) {
    this.#exchange = exchange;
    this.#options = options;
    this.#host = host;
  }

  /** `undefined`: it fits, or nothing is known that says otherwise. */
  excessOf(target: Target): Excess | undefined {
    const info = this.#host.modelInfo(target);
    const windowTokens = info?.contextTokens;
    if (info === undefined || windowTokens === undefined) return undefined;
    if (this.#fitsByBytes(info, windowTokens)) return undefined;
    const counted = this.#count(info, target);
    if (counted === undefined || counted.promptTokens + counted.reservedTokens <= windowTokens) return undefined;
    return { target, windowTokens, ...counted };
  }

  #fitsByBytes({ maxOutputTokens: most = Infinity }: ModelInfo, windowTokens: number): boolean {
    const { margin, maxReservedTokens = Infinity } = this.#options;
    const free = windowTokens - roundUp(this.#exchange.rawBody.length * margin);
    // A body that is too long by its bytes needs no search in it.
    if (free < 0 || mostPromptTokens(this.#exchange) === undefined) return false;
    if (Math.min(most, maxReservedTokens) <= free) return true;
    this.#mostOutput ??= mostOutputTokens(this.#exchange) ?? Infinity;
    return this.#mostOutput <= free;
  }

  /** `undefined` where the request cannot be decoded: it may still pass through as it is. */
  #count(
    { maxOutputTokens: most = Infinity }: ModelInfo,
    target: Target,
  ): Pick<Excess, 'promptTokens' | 'reservedTokens'> | undefined {
    const { margin, maxReservedTokens = Infinity } = this.#options;
    try {
      const asked = this.#exchange.request.maxOutputTokens ?? 0;
      return {
        promptTokens: roundUp(this.#exchange.estimatePromptTokens(target) * margin),
        reservedTokens: Math.min(asked, most, maxReservedTokens),
      };
    } catch (error) {
      if (!SignalboxError.is(error)) throw error;
      return undefined;
    }
  }
}

/** What a binary fraction adds is no token. */
function roundUp(tokens: number): number {
  return Math.ceil(tokens - 1e-6);
}
