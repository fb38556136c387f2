import { type Exchange, type ModelInfo, SignalboxError, type StrategyHost, type Target } from '@signalbox/kit';
import { mostOutputTokens, mostPromptTokens } from './byte-bound.ts';
import type { ContextConfig } from './config.ts';
import { LEAST, type Margins } from './margins.ts';

/** A window, and what of a request goes into it, in tokens. */
export interface Measured {
  readonly windowTokens: number;
  /** By estimate. */
  readonly promptTokens: number;
  /** Kept free for the answer. */
  readonly reservedTokens: number;
  /** The longest prompt that is let in, by estimate. */
  readonly mostPromptTokens: number;
  /** The longest answer that may be asked for, where more is. */
  readonly answerTokens?: number;
}

/** `sure`: it fits, whatever the error of the estimate, or nothing is known that says otherwise. */
export type Verdict =
  | { readonly fits: 'sure'; readonly measured?: Measured }
  | { readonly fits: 'unsure' | 'no'; readonly measured: Measured };

/** How much of a window is kept free where the options say nothing of it, at most: a short answer. */
const RESERVED_TOKENS = 4_096;
const RESERVED_SHARE = 1 / 8;

type Options = Pick<ContextConfig, 'margin' | 'maxReservedTokens'>;

/** What one request needs of a context window. Decodes only where the bytes leave it open. */
export class Demand {
  readonly #exchange: Exchange;
  readonly #options: Options;
  readonly #host: Pick<StrategyHost, 'modelInfo'>;
  readonly #margins: Pick<Margins, 'of'>;
  #mostOutput: number | undefined;

  constructor(
    exchange: Exchange,
    options: Options,
    host: Pick<StrategyHost, 'modelInfo'>,
    margins: Pick<Margins, 'of'>,
  ) {
    this.#exchange = exchange;
    this.#options = options;
    this.#host = host;
    this.#margins = margins;
  }

  of(target: Target): Verdict {
    const info = this.#host.modelInfo(target);
    const windowTokens = info?.contextTokens;
    if (info === undefined || windowTokens === undefined || this.#fitsByBytes(info, windowTokens)) {
      return { fits: 'sure' };
    }
    const counted = this.#count(target);
    if (counted === undefined) return { fits: 'sure' };
    const { asked, promptTokens } = counted;
    const { margin } = this.#options;
    const most = info.maxOutputTokens ?? Infinity;
    const reservedTokens = Math.min(asked ?? Infinity, most, this.#reserved(windowTokens));
    const room = windowTokens - reservedTokens;
    const cautious = roundUp(promptTokens * (margin ?? this.#margins.of(target)));
    const left = Math.max(reservedTokens, windowTokens - cautious, 1);
    const measured: Measured = {
      windowTokens,
      promptTokens,
      reservedTokens,
      mostPromptTokens: Math.floor(room / (margin ?? LEAST) + 1e-6),
      ...(asked === undefined || asked <= left ? {} : { answerTokens: Math.min(left, most) }),
    };
    if (cautious <= room) return { fits: 'sure', measured };
    return { fits: promptTokens <= measured.mostPromptTokens ? 'unsure' : 'no', measured };
  }

  #fitsByBytes({ maxOutputTokens: most = Infinity }: ModelInfo, windowTokens: number): boolean {
    const bound = mostPromptTokens(this.#exchange);
    // A body that is too long by its bytes needs no search in it.
    if (bound === undefined || bound > windowTokens) return false;
    const free = windowTokens - bound;
    this.#mostOutput ??= mostOutputTokens(this.#exchange) ?? Infinity;
    return (this.#mostOutput === 0 ? Math.min(most, this.#reserved(windowTokens)) : this.#mostOutput) <= free;
  }

  /** The most that is kept free in a window. */
  #reserved(windowTokens: number): number {
    return this.#options.maxReservedTokens ?? Math.min(RESERVED_TOKENS, Math.floor(windowTokens * RESERVED_SHARE));
  }

  /** `undefined` where the request cannot be decoded: it may still pass through as it is. */
  #count(target: Target): { readonly asked: number | undefined; readonly promptTokens: number } | undefined {
    try {
      return {
        asked: this.#exchange.request.maxOutputTokens,
        promptTokens: this.#exchange.estimatePromptTokens(target),
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
