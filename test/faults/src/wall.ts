import { setTimeout as sleep } from 'node:timers/promises';
import { configOf, createGeneration } from '@signalbox/core';
import { definePlugin, type ExchangeRecord, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import { startServer } from '@signalbox/server';
import { startScriptedProvider } from '@signalbox/testkit';
import { ask, BOUND_MS } from './ask.ts';
import { type Cell, targetsOf } from './cells.ts';
import { LIMITS } from './fault.ts';
import { formats } from './formats.ts';
import { judge, type Result } from './judge.ts';
import { providers } from './providers.ts';
import { Script } from './script.ts';

export interface Wall {
  /** Runs one cell. @returns what is wrong with what came of it; empty where nothing is. */
  run(cell: Cell): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** No machine is so slow that these end anything that goes on. */
export const PATIENT: JsonObject = {
  connectMs: 15_000,
  headersMs: 15_000,
  firstEventMs: 15_000,
  idleMs: 15_000,
  totalMs: 20_000,
};
/** What a limit is where it is to end a fault. */
const LIMIT_MS = 1_000;
/** Of a cell whose request has not reached the provider in that time. */
const MORE_TRIES = 5;

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
    kind.plugin(kind.id, scripted.url, PATIENT),
    ...LIMITS.map((limit) => kind.plugin(`${kind.id}.${limit}`, scripted.url, { ...PATIENT, [limit]: LIMIT_MS })),
    // Finding out that there is no such name may take a while.
    kind.plugin(`${kind.id}.dns`, 'http://provider.invalid', { ...PATIENT, connectMs: 2_000, headersMs: 3_000 }),
    kind.plugin(`${kind.id}.refused`, 'http://127.0.0.1:1', PATIENT),
  ]);
  const config = configOf([...formats.map((format): [Plugin] => [format]), ...entries, [routes]], {
    server: { port: 0, keepAliveMs: 100 },
  });
  const gateway = await startServer(await createGeneration(config), { version: '0.0.0-wall' });
  let number = 0;
  const turns = new Turns();
  const runOnce = async (cell: Cell): Promise<Result> => {
    // Its clock runs already while its request is on the way: not behind those of many others.
    const turn = isHurried(cell) ? await turns.next() : () => {};
    const name = `cell${++number}x`;
    plans.set(name, targetsOf(cell));
    script.add(name, cell, turn);
    const began = performance.now();
    const seen = await ask(gateway.url, cell, name);
    const ms = performance.now() - began;
    turn();
    const [record, ...more] = await recordsOf(records, name);
    const [calls, fallbackCalls] = script.take(name);
    return { ...seen, ms, calls, fallbackCalls, record, records: record === undefined ? 0 : 1 + more.length };
  };
  return {
    run: async (cell) => {
      let result = await runOnce(cell);
      // Its time was over before the provider had it: the machine stood still, and that says nothing.
      for (let more = MORE_TRIES; more > 0 && isHurried(cell) && result.calls === 0; more--)
        result = await runOnce(cell);
      return judge(cell, result);
    },
    close: async () => {
      await gateway.close(0);
      await scripted.close();
    },
  };
}

/** The limit that is to end it begins with the try, before the provider knows of it. */
function isHurried({ fault }: Cell): boolean {
  return fault.limit === 'headersMs';
}

/** One at a time: the next one's turn comes when the one before says so. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  async next(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    return resolve;
  }
}

/** A record is written when the last byte is out, which the client may read before. */
async function recordsOf(records: Map<string, ExchangeRecord[]>, name: string): Promise<readonly ExchangeRecord[]> {
  const givenUpAt = performance.now() + BOUND_MS;
  while (!records.has(name) && performance.now() < givenUpAt) await sleep(5);
  return records.get(name) ?? [];
}
