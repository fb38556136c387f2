import { setTimeout as sleep } from 'node:timers/promises';
import { configOf, createGeneration } from '@signalbox/core';
import { definePlugin, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import { startServer } from '@signalbox/server';
import { formats, LIMITS, PATIENT, providers } from '@signalbox/test-faults';
import type { Ledger } from './ledger.ts';

/** A gateway under load, and what changes its configuration meanwhile. */
export interface Soaked {
  readonly url: string;
  /** Reloads it again and again until the signal comes. */
  reload(signal: AbortSignal): Promise<void>;
  readonly reloads: number;
  close(graceMs: number): Promise<void>;
}

/** What a limit is where it is to end a fault. In ten minutes, a machine may stand still for a moment. */
export const LIMIT_MS = 1_500;
export const RELOAD_EVERY_MS = 1_000;

/** The gateway of the wall of faults: no strategies, so that all that becomes of a request is known beforehand. */
export async function startWallGateway(providersUrl: string, ledger: Ledger): Promise<Soaked> {
  const routes = definePlugin({
    name: 'soak',
    apply({ hooks }) {
      hooks.route.tap('soak', (_plan, { model }): RoutePlan => {
        return { targets: ledger.targetsOf(model), reason: 'the soak', retry: { baseDelayMs: 5 } };
      });
    },
  });
  const entries: (readonly [Plugin, JsonObject?])[] = providers.flatMap((kind) => [
    kind.plugin(kind.id, providersUrl, PATIENT),
    ...LIMITS.map((limit) => kind.plugin(`${kind.id}.${limit}`, providersUrl, { ...PATIENT, [limit]: LIMIT_MS })),
    kind.plugin(`${kind.id}.dns`, 'http://127.0.0.1:1', PATIENT),
    kind.plugin(`${kind.id}.refused`, 'http://127.0.0.1:1', PATIENT),
  ]);
  const kept = new Map<string, unknown>();
  const build = () =>
    createGeneration(
      configOf([...formats.map((format): [Plugin] => [format]), ...entries, [ledger.plugin()], [routes]], {
        server: { port: 0, keepAliveMs: 100 },
      }),
      { kept },
    );
  const gateway = await startServer(await build(), { version: '0.0.0-soak' });
  let reloads = 0;
  return {
    url: gateway.url,
    reload: async (signal) => {
      while (await pause(signal)) {
        gateway.replace(await build());
        reloads++;
      }
    },
    get reloads() {
      return reloads;
    },
    close: (graceMs) => gateway.close(graceMs),
  };
}

/** @returns whether it goes on after this. */
export async function pause(signal: AbortSignal): Promise<boolean> {
  await sleep(RELOAD_EVERY_MS, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}
