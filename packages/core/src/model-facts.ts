import type { ModelInfo, Target } from '@signalbox/kit';
import type { ProviderEntry } from './dispatch/call-provider.ts';

type Source = (target: Target) => ModelInfo | undefined;

/** What is known about models: by their providers, then by what plugins add. */
export class ModelFacts {
  readonly #providers: ReadonlyMap<string, ProviderEntry>;
  readonly #sources: Source[] = [];
  /** Each provider's list by id, built anew when the provider has another list. */
  readonly #lists = new WeakMap<readonly ModelInfo[], ReadonlyMap<string, ModelInfo>>();

  constructor(providers: ReadonlyMap<string, ProviderEntry>) {
    this.#providers = providers;
  }

  add(source: Source): void {
    this.#sources.push(source);
  }

  /** All that is known; who speaks first is right. `undefined` where nobody knows the model. */
  of(target: Target): ModelInfo | undefined {
    let known = this.#fromProvider(target);
    for (const source of this.#sources) {
      const more = source(target);
      if (more !== undefined) known = known === undefined ? more : merge(known, more);
    }
    return known;
  }

  #fromProvider({ provider, model }: Target): ModelInfo | undefined {
    const models = this.#providers.get(provider)?.provider.models?.();
    if (models === undefined) return undefined;
    let list = this.#lists.get(models);
    if (list === undefined) {
      list = new Map(models.map((info) => [info.id, info]));
      this.#lists.set(models, list);
    }
    return list.get(model);
  }
}

/** Prices are taken as one: half of one list and half of another would be nobody's. */
function merge(known: ModelInfo, more: ModelInfo): ModelInfo {
  const capabilities =
    more.capabilities === undefined ? known.capabilities : { ...more.capabilities, ...known.capabilities };
  return { ...more, ...known, ...(capabilities === undefined ? {} : { capabilities }) };
}
