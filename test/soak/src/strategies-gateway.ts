import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, type JsonObject, type Plugin, pluginDefinition } from '@signalbox/kit';
import { formats, LIMITS, otherThan, PATIENT, providers } from '@signalbox/test-faults';
import { serve } from '../../../packages/cli/src/serve.ts';
import type { Ledger } from './ledger.ts';
import { mixedName } from './model-name.ts';
import { LIMIT_MS, pause, type Soaked } from './wall-gateway.ts';

/** Where the plugin file beside the config finds what belongs to this run. */
const SHARED = Symbol.for('signalbox.soak');

/**
 * The gateway as `signalbox start` starts it: a config file that is watched, and all that keeps state between requests:
 * fallbacks, keys in turn, circuits, second tries, limits.
 */
export async function startStrategiesGateway(providersUrl: string, ledger: Ledger): Promise<Soaked> {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-soak-'));
  const file = join(dir, 'signalbox.jsonc');
  // A byte more each time: with the same content nothing is loaded again.
  const write = (number: number): void => writeFileSync(file, `${configText(providersUrl)}\n// ${number}\n`);
  Object.assign(globalThis, { [SHARED]: shared(ledger) });
  writeFileSync(join(dir, 'shared.mjs'), `export default globalThis[Symbol.for('signalbox.soak')];\n`);
  write(0);

  let reloads = 0;
  let done = Promise.withResolvers<void>();
  const service = await serve(
    {
      common: { config: file, port: undefined, host: undefined },
      watch: true,
      onReload: ({ problem }) => {
        if (problem === undefined) reloads++;
        else ledger.problem(`the changed config was not used: ${problem}`);
        done.resolve();
      },
    },
    process.env,
  );
  return {
    url: service.listensOn,
    reload: async (signal) => {
      for (let number = 1; await pause(signal); number++) {
        done = Promise.withResolvers();
        write(number);
        // Every third time somebody does not wait for the watch.
        if (number % 3 === 0) service.reload();
        await done.promise;
      }
    },
    get reloads() {
      return reloads;
    },
    close: async (graceMs) => {
      await service.close(graceMs);
      rmSync(dir, { recursive: true });
      Reflect.deleteProperty(globalThis, SHARED);
    },
  };
}

/** The ledger, and the first target of each request. */
function shared(ledger: Ledger): Plugin {
  const book = pluginDefinition(ledger.plugin());
  return definePlugin({
    name: 'soak',
    apply: async (host) => {
      await book?.apply?.(host, {});
      host.hooks.route.tap('soak', (_plan, { model }) => ({ targets: ledger.targetsOf(model), reason: 'the soak' }));
    },
  });
}

function configText(providersUrl: string): string {
  const limits = Object.fromEntries(LIMITS.map((limit) => [limit, LIMIT_MS]));
  const fallbacks = providers.flatMap((kind, index) =>
    [false, true].map((stream) => {
      const other = otherThan(kind);
      return [
        `${kind.id}/${mixedName(index, stream)}`,
        [`${other.id}/${mixedName(providers.indexOf(other), stream)}`],
      ] as const;
    }),
  );
  const plugins = [
    ...formats.map(packageOf),
    ...providers.map((kind) => {
      const [plugin, { apiKey, ...options }] = kind.plugin(kind.id, providersUrl, { ...PATIENT, ...limits });
      const keys: JsonObject = typeof apiKey === 'string' ? { apiKeys: [`${apiKey}-1`, `${apiKey}-2`] } : {};
      return [packageOf(plugin), { ...options, ...keys }];
    }),
    './shared.mjs',
    ['@signalbox/route-balance', {}],
    ['@signalbox/route-fallback', { fallbacks: Object.fromEntries(fallbacks), retry: { baseDelayMs: 5 } }],
    ['@signalbox/route-health', { consecutiveFailures: 2, openMs: 200, maxOpenMs: 500 }],
    ['@signalbox/route-hedge', { afterMs: 40, share: 0.5 }],
    [
      '@signalbox/limit-rate',
      {
        clients: { '*': { concurrent: 40, queue: { maxWaitMs: 30_000 } } },
        targets: { '*': { concurrent: 1, per: 'model', queue: { maxWaitMs: 20 } } },
      },
    ],
  ];
  return JSON.stringify({ server: { port: 0, keepAliveMs: 100 }, plugins });
}

function packageOf(plugin: Plugin): string {
  return `@signalbox/${pluginDefinition(plugin)?.name}`;
}
