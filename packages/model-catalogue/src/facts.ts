import { formatTarget, type ModelInfo, mergeModelInfo, RecentMap, SignalboxError, type Target } from '@signalbox/kit';
import type { FetchedLists } from './cache-file.ts';
import type { CatalogueConfig } from './config.ts';
import { findInList, findPinned } from './find.ts';
import type { Pinned } from './pinned.ts';

/** Targets are made of what clients ask for, so their number has no end. */
const REMEMBERED_TARGETS = 1_000;

/** All that is known at one time. */
export class Facts {
  readonly #pinned: Pinned;
  readonly #lists: FetchedLists;
  readonly #byId: ReadonlyMap<string, ReadonlyMap<string, ModelInfo>>;
  readonly #names: CatalogueConfig['providers'];
  readonly #found = new RecentMap<{ readonly info: ModelInfo | undefined }>(REMEMBERED_TARGETS);

  /** @throws {SignalboxError} BAD_CONFIG for a provider that the catalogue does not have. */
  constructor(pinned: Pinned, lists: FetchedLists, { providers }: Pick<CatalogueConfig, 'providers'>) {
    const stranger = Object.entries(providers).find(([, name]) => !pinned.has(name));
    if (stranger !== undefined) {
      const known = [...pinned.keys()].join(', ');
      throw new SignalboxError('BAD_CONFIG', `providers.${stranger[0]}: must be one of ${known}.`);
    }
    this.#pinned = pinned;
    this.#lists = lists;
    this.#byId = new Map(
      [...lists].map(([name, { models }]) => [name, new Map(models.map((info) => [info.id, info]))]),
    );
    this.#names = providers;
  }

  of(target: Target): ModelInfo | undefined {
    const key = formatTarget(target);
    const before = this.#found.get(key);
    if (before !== undefined) return before.info;
    const info = this.#find(target);
    this.#found.set(key, { info });
    return info;
  }

  /** All models of the providers that there are: those they list, else those that the catalogue has. */
  targets(hasProvider: (name: string) => boolean): readonly Target[] {
    const names = new Set([...this.#byId.keys(), ...Object.keys(this.#names), ...this.#pinned.keys()]);
    return [...names].filter(hasProvider).flatMap((provider) => {
      const list = this.#byId.get(provider);
      const pinned = this.#catalogueProvider(provider);
      const ids = list ?? (pinned === undefined ? undefined : this.#pinned.get(pinned)?.models);
      const targets = [...(ids?.keys() ?? [])].map((model) => ({ provider, model }));
      // A vendor's list has models for speech and for searching, too, which nobody describes.
      return pinned === undefined || list === undefined
        ? targets
        : targets.filter((target) => this.#isDescribed(target));
    });
  }

  health(): { [provider: string]: { models: number; fetchedAt: string } } {
    return Object.fromEntries(
      [...this.#lists].map(([name, { models, fetchedAt }]) => [
        name,
        { models: models.length, fetchedAt: fetchedAt.toISOString() },
      ]),
    );
  }

  #find({ provider, model }: Target): ModelInfo | undefined {
    const list = this.#byId.get(provider);
    const own = list === undefined ? undefined : findInList(list, model);
    const pinned = findPinned(this.#pinned, this.#catalogueProvider(provider), model);
    return own === undefined || pinned === undefined ? (own ?? pinned) : mergeModelInfo(own, pinned);
  }

  #isDescribed(target: Target): boolean {
    const { contextTokens, prices } = this.of(target) ?? {};
    return contextTokens !== undefined || prices !== undefined;
  }

  /** The catalogue's name for a provider of the config, where it has one. */
  #catalogueProvider(name: string): string | undefined {
    if (Object.hasOwn(this.#names, name)) return this.#names[name];
    return this.#pinned.has(name) ? name : undefined;
  }
}
