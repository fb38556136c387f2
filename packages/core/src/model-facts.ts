import { type ModelInfo, mergeModelInfo, type Target } from '@signalbox/kit';
import type { ProviderEntry } from './dispatch/call-provider.ts';

type Source = (target: Target) => ModelInfo | undefined;

/** What is known about models: by what plugins put first, by their providers, then by what plugins add. */
export class ModelFacts {
  readonly #providers: ReadonlyMap<string, ProviderEntry>;
  readonly #overrides: Source[] = [];
  readonly #sources: Source[] = [];
  /** Each provider's list by id, built anew when the provider has another list. */
  readonly #lists = new WeakMap<readonly ModelInfo[], ReadonlyMap<string, ModelInfo>>();

  constructor(providers: ReadonlyMap<string, ProviderEntry>) {
    this.#providers = providers;
  }

  add(source: Source, { first = false }: { readonly first?: boolean } = {}): void {
    (first ? this.#overrides : this.#sources).push(source);
  }

  /** All that is known; who speaks first is right. `undefined` where nobody knows the model. */
  of(target: Target): ModelInfo | undefined {
    let known: ModelInfo | undefined;
    for (const source of this.#overrides) known = join(known, source(target));
    known = join(known, this.#fromProvider(target));
    for (const source of this.#sources) known = join(known, source(target));
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

function join(known: ModelInfo | undefined, more: ModelInfo | undefined): ModelInfo | undefined {
  return known === undefined || more === undefined ? (known ?? more) : mergeModelInfo(known, more);
}
