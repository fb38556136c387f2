import { RecentMap } from '@signalbox/kit';
import type { Limits } from './store.ts';
import { thoughtKey } from './thought-key.ts';

/** Who said a text: the provider, and what its `reasoningOrigin` is where that has been seen. */
export interface Source {
  readonly provider: string;
  readonly origin: string | undefined;
}

interface Thought {
  /** The last is the latest. Short texts are said by several. */
  readonly sources: readonly Source[];
  usedAt: number;
}

/** Whose the reasoning is that clients have. It outlives a reload of the config. */
export interface Thoughts {
  readonly known: RecentMap<Thought>;
  /** How many there are of each provider. */
  readonly providers: Map<string, number>;
}

export function createThoughts(): Thoughts {
  return { known: new RecentMap(Number.MAX_SAFE_INTEGER), providers: new Map() };
}

/** The origins of the reasoning that clients got, by a hash of its text, within the limits of one config. */
export class Origins {
  readonly #limits: Pick<Limits, 'ttlMs' | 'maxEntries'>;
  readonly #thoughts: Thoughts;
  readonly #now: () => number;

  constructor(limits: Pick<Limits, 'ttlMs' | 'maxEntries'>, thoughts = createThoughts(), now: () => number = Date.now) {
    this.#limits = limits;
    this.#thoughts = thoughts;
    this.#now = now;
  }

  get size(): number {
    return this.#thoughts.known.size;
  }

  /** Whether some of it is of another provider than this one. */
  holdsOthers(provider: string): boolean {
    const { providers } = this.#thoughts;
    return providers.size > (providers.has(provider) ? 1 : 0);
  }

  keep(principal: string, text: string, source: Source): void {
    const key = thoughtKey(principal, text);
    if (key === undefined) return;
    const sources = this.#find(key)?.sources.filter(({ provider }) => provider !== source.provider) ?? [];
    this.#forget(key);
    const { known, providers } = this.#thoughts;
    known.set(key, { sources: [...sources, source], usedAt: this.#now() });
    for (const { provider } of [...sources, source]) providers.set(provider, (providers.get(provider) ?? 0) + 1);
    for (const [oldest, thought] of known) {
      if (known.size <= this.#limits.maxEntries && !this.#isOld(thought)) return;
      this.#forget(oldest);
    }
  }

  /** Who said a text that a caller brings back: this provider, where it is one of several. */
  of(principal: string, text: string, provider: string): Source | undefined {
    const key = thoughtKey(principal, text);
    const found = key === undefined ? undefined : this.#find(key);
    if (found === undefined) return undefined;
    found.usedAt = this.#now();
    return found.sources.find((source) => source.provider === provider) ?? found.sources.at(-1);
  }

  #find(key: string): Thought | undefined {
    const thought = this.#thoughts.known.get(key);
    if (thought === undefined || !this.#isOld(thought)) return thought;
    this.#forget(key);
    return undefined;
  }

  #isOld({ usedAt }: Thought): boolean {
    return this.#now() - usedAt > this.#limits.ttlMs;
  }

  #forget(key: string): void {
    const { known, providers } = this.#thoughts;
    for (const { provider } of known.get(key)?.sources ?? []) {
      const left = (providers.get(provider) ?? 1) - 1;
      if (left === 0) providers.delete(provider);
      else providers.set(provider, left);
    }
    known.delete(key);
  }
}
