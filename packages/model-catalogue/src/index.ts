import { definePlugin, formatTarget, type Target } from '@signalbox/kit';
import { cacheFileOf, type FetchedLists, readCache } from './cache-file.ts';
import { configSchema } from './config.ts';
import { Facts } from './facts.ts';
import { compileOverrides } from './overrides.ts';
import { readPinned } from './pinned.ts';
import { Refresh } from './refresh.ts';

export type { CatalogueConfig } from './config.ts';

const NAME = 'model-catalogue';

/** What is known about models: by the config, by the providers' own lists, and by the catalogue that is shipped. */
export default definePlugin({
  name: NAME,
  configSchema,
  async apply(host, options) {
    const overrides = compileOverrides(options);
    if (overrides !== undefined) host.addModelFacts(overrides, { first: true });

    const file = cacheFileOf(options, host);
    const kept = await readCache(file).catch((error: Error): FetchedLists => {
      host.log.warn({ file, problem: error.message }, 'the kept lists of models cannot be used');
      return new Map();
    });
    let facts = new Facts(readPinned(new Date()), kept, options);
    host.addModelFacts((target) => facts.of(target));

    const refresh = new Refresh({
      host,
      file,
      hours: options.refreshHours,
      lists: kept,
      // Read anew for the prices of the day.
      done: (lists) => {
        facts = new Facts(readPinned(new Date()), lists, options);
      },
    });
    host.hooks.ready.tapPromise(NAME, async () => {
      // `signalbox models --refresh` wants to see what the providers say now.
      if (host.env.SIGNALBOX_REFRESH_MODELS === '1') await refresh.run({ all: true });
      refresh.start();
    });
    const listed = (target: Target) => ({
      ownedBy: target.provider,
      ...host.modelInfo(target),
      id: formatTarget(target),
    });
    host.addModels(() => facts.targets(host.hasProvider).map(listed), { last: true });
    host.hooks.close.tap(NAME, () => refresh.close());
    host.addHealth('models', () => facts.health());
  },
});
