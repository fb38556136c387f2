import { configOf, createGeneration } from '@signalbox/core';
import { definePlugin, type ExchangeRecord, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import { startServer } from '@signalbox/server';
import { startScriptedProvider } from '@signalbox/testkit';
import { ask } from './ask.ts';
import { type Cell, targetsOf } from './cells.ts';
import { formats } from './formats.ts';
import { judge } from './judge.ts';
import { providers } from './providers.ts';
import { Script } from './script.ts';

export interface Wall {
  /** Runs one cell. @returns what is wrong with what came of it; empty where nothing is. */
  run(cell: Cell): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const TIMEOUTS: JsonObject = {
  connectMs: 1_000,
  headersMs: 600,
  firstEventMs: 600,
  idleMs: 600,
  totalMs: 5_000,
};
/** A gateway on a socket in front of a scripted server that is every provider. Cells may run at the same time. */
export async function startWall(): Promise<Wall> {
  const script = new Script();
  const scripted = await startScriptedProvider({ script: script.respond });
  const records = new Map<string, ExchangeRecord[]>();
  const plans = new Map<string, readonly string[]>();
  const routes = definePlugin({
    name: 'wall',
    apply({ hooks }) {
      hooks.route.tap('wall', (_plan, { model }): RoutePlan => {
        const targets = (plans.get(model) ?? []).map((provider, index) => ({ provider, model: `${model}-${index}` }));
        return { targets, reason: 'the wall', retry: { baseDelayMs: 5 } };
      });
      hooks.log.tap('wall', (record) => {
        records.set(record.model, [...(records.get(record.model) ?? []), record]);
      });
    },
  });
  const entries: (readonly [Plugin, JsonObject?])[] = providers.flatMap((kind) => [
    kind.plugin(kind.id, scripted.url, TIMEOUTS),
    // Finding out that there is no such name may take a while.
    kind.plugin(`${kind.id}.dns`, 'http://provider.invalid', { ...TIMEOUTS, connectMs: 2_000, headersMs: 3_000 }),
    kind.plugin(`${kind.id}.refused`, 'http://127.0.0.1:1', TIMEOUTS),
  ]);
  const config = configOf([...formats.map((format): [Plugin] => [format]), ...entries, [routes]], {
    server: { port: 0, keepAliveMs: 100 },
  });
  const gateway = await startServer(await createGeneration(config), { version: '0.0.0-wall' });
  let number = 0;
  return {
    run: async (cell) => {
      const name = `cell${++number}x`;
      plans.set(name, targetsOf(cell));
      script.add(name, cell);
      const began = performance.now();
      const seen = await ask(gateway.url, cell, name);
      const ms = performance.now() - began;
      const [record, ...more] = await recordsOf(records, name);
      const [calls, fallbackCalls] = script.take(name);
      return judge(cell, {
        ...seen,
        ms,
        calls,
        fallbackCalls,
        record,
        records: record === undefined ? 0 : 1 + more.length,
      });
    },
    close: async () => {
      await gateway.close(0);
      await scripted.close();
    },
  };
}

/** A record is written when the last byte is out, which the client may read before. */
async function recordsOf(records: Map<string, ExchangeRecord[]>, name: string): Promise<readonly ExchangeRecord[]> {
  for (let tries = 0; tries < 100 && !records.has(name); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return records.get(name) ?? [];
}
