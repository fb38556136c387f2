import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { type Config, configOf, createGeneration } from '@signalbox/core';
import { definePlugin, type ExchangeRecord, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import { type Gateway, startServer } from '@signalbox/server';
import {
  ask,
  type Cell,
  clients,
  faults,
  formats,
  judge,
  providers,
  TIMEOUTS as TIMEOUTS_OF_THE_WALL,
  targetsOf,
} from '@signalbox/test-faults';
import { modelName } from './model-name.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Requests at the same time. */
  readonly clients: number;
  say(line: string): void;
}

export interface SoakResult {
  readonly requests: number;
  readonly aborted: number;
  readonly reloads: number;
  readonly heapBeforeMiB: number;
  readonly heapAfterMiB: number;
  /** What is wrong; empty where nothing is. */
  readonly problems: readonly string[];
}

/** Longer than the wall's: in ten minutes, a machine may stand still for a moment. */
const TIMEOUTS: JsonObject = { ...TIMEOUTS_OF_THE_WALL, headersMs: 1_500, firstEventMs: 1_500, idleMs: 1_500 };
const ABORTED_SHARE = 0.15;
const FAULTY_SHARE = 0.4;
const RELOAD_EVERY_MS = 1_000;
/** Part of the time that is not counted: code is compiled, pools fill. */
const WARM_UP = 0.25;
/** What the heap may have grown by, beside noise. */
const MAX_GROWTH_MIB = 6;
const MAX_PROBLEMS = 50;

/** Asks a gateway for everything at once, and then looks whether all of it is accounted for and nothing is left behind. */
export async function soak({ seconds, seed, clients: width, say }: SoakOptions): Promise<SoakResult> {
  const random = generator(seed);
  const upstream = await startProviders();
  const ledger = new Ledger();
  const kept = new Map<string, unknown>();
  const build = () => createGeneration(configFor(upstream.url, ledger), { kept });
  const gateway = await startServer(await build(), { version: '0.0.0-soak' });

  const endsAt = performance.now() + seconds * 1_000;
  const warmUntil = performance.now() + seconds * 1_000 * WARM_UP;
  let number = 0;
  let reloads = 0;
  const worker = async (until: number): Promise<void> => {
    while (performance.now() < until) await oneRequest(gateway, ledger, random, String(++number));
  };
  const load = async (until: number): Promise<void> => {
    const reloading = setInterval(() => {
      build().then((next) => {
        gateway.replace(next);
        reloads++;
      }, ledger.problem);
    }, RELOAD_EVERY_MS);
    await Promise.all(Array.from({ length: width }, () => worker(until)));
    clearInterval(reloading);
    await ledger.settled();
  };

  await load(warmUntil);
  const heapBeforeMiB = await heapMiB();
  say(`warm after ${number} requests: ${heapBeforeMiB.toFixed(1)} MiB`);
  await load(endsAt);
  const heapAfterMiB = await heapMiB();
  say(`${number} requests, ${reloads} reloads: ${heapAfterMiB.toFixed(1)} MiB`);
  if (heapAfterMiB - heapBeforeMiB > MAX_GROWTH_MIB) {
    ledger.problem(`the heap grew from ${heapBeforeMiB.toFixed(1)} to ${heapAfterMiB.toFixed(1)} MiB`);
  }

  const { calls } = await upstream.count();
  if (calls < ledger.calls || calls > ledger.calls + ledger.left) {
    ledger.problem(`${calls} calls at the providers, ${ledger.calls} on record and ${ledger.left} whose client left`);
  }
  await gateway.close(0);
  const sockets = await connectionsLeft(upstream);
  if (sockets > 0) ledger.problem(`${sockets} connections to providers are still open`);
  await upstream.close();
  const left = await leftBehind();
  if (left.length > 0) ledger.problem(`left behind: ${left.join(', ')}`);
  const { aborted, problems } = ledger;
  return { requests: number, aborted, reloads, heapBeforeMiB, heapAfterMiB, problems };
}

async function oneRequest(gateway: Gateway, ledger: Ledger, random: () => number, id: string): Promise<void> {
  const pick = <T>(list: readonly T[]): number => Math.floor(random() * list.length);
  const fault = random() < FAULTY_SHARE ? pick(faults) : 0;
  const { only } = faults[fault] ?? {};
  const provider = only === undefined ? pick(providers) : providers.indexOf(only);
  const cell = {
    fault: faults[fault],
    client: clients[pick(clients)],
    provider: providers[provider],
    stream: random() < 0.6,
    fallback: random() < 0.5,
  } as Cell;
  const leavesAfterMs = random() < ABORTED_SHARE ? random() * 40 : undefined;
  const model = modelName({ id, fault, provider, stream: cell.stream });
  ledger.open(model, targetsOf(cell));
  const controller = new AbortController();
  const leaving = leavesAfterMs === undefined ? undefined : setTimeout(() => controller.abort(), leavesAfterMs);
  const began = performance.now();
  const seen = await ask(gateway.url, cell, model, controller.signal);
  const ms = performance.now() - began;
  clearTimeout(leaving);
  const [record, ...more] = await ledger.recordsOf(model, controller.signal.aborted);
  if (controller.signal.aborted) {
    ledger.aborted++;
    if (more.length > 0) ledger.problem(`${model}: ${more.length + 1} records of a request that was aborted`);
    if (record === undefined || record.aborted || record.status >= 200) return;
    ledger.problem(`${model}: aborted, and on record with status ${record.status}`);
    return;
  }
  for (const problem of judge(cell, { ...seen, ms, record, records: record === undefined ? 0 : 1 + more.length })) {
    ledger.problem(`${cell.fault.name}, ${cell.client.id} to ${cell.provider.id}, ${model}: ${problem}`);
  }
}

/** What was asked for, and what the gateway says about it. */
class Ledger {
  aborted = 0;
  /** Calls of providers that are on record. */
  calls = 0;
  /** Tries whose client left, perhaps before the provider was called: Ollama is asked about the model first. */
  left = 0;
  readonly problems: string[] = [];
  readonly #plans = new Map<string, readonly string[]>();
  readonly #records = new Map<string, ExchangeRecord[]>();

  open(model: string, targets: readonly string[]): void {
    this.#plans.set(model, targets);
  }

  targetsOf(model: string): readonly string[] {
    return this.#plans.get(model) ?? [];
  }

  add(record: ExchangeRecord): void {
    for (const { target, outcome } of record.attempts) {
      if (/\.(dns|refused)$/.test(target.provider)) continue;
      if (outcome === 'aborted') this.left++;
      else this.calls++;
    }
    const records = this.#records.get(record.model);
    if (records === undefined) this.#records.set(record.model, [record]);
    else records.push(record);
  }

  /** The records of a request, which are then forgotten. One that was aborted may never have reached the gateway. */
  async recordsOf(model: string, aborted: boolean): Promise<readonly ExchangeRecord[]> {
    for (let tries = 0; tries < (aborted ? 40 : 400) && !this.#records.has(model); tries++) await pause(5);
    const records = this.#records.get(model) ?? [];
    this.#records.delete(model);
    this.#plans.delete(model);
    return records;
  }

  /** Records that come late belong to nobody. */
  async settled(): Promise<void> {
    await pause(500);
    this.#records.clear();
    this.#plans.clear();
  }

  readonly problem = (problem: unknown): void => {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(String(problem));
  };
}

function configFor(url: string, ledger: Ledger): Config {
  const routes = definePlugin({
    name: 'soak',
    apply({ hooks }) {
      hooks.route.tap('soak', (_plan, { model }): RoutePlan => {
        const targets = ledger.targetsOf(model).map((provider, index) => ({ provider, model: `${model}-${index}` }));
        return { targets, reason: 'the soak', retry: { baseDelayMs: 5 } };
      });
      hooks.log.tap('soak', (record) => ledger.add(record));
    },
  });
  const entries: (readonly [Plugin, JsonObject?])[] = providers.flatMap((kind) => [
    kind.plugin(kind.id, url, TIMEOUTS),
    kind.plugin(`${kind.id}.dns`, 'http://127.0.0.1:1', TIMEOUTS),
    kind.plugin(`${kind.id}.refused`, 'http://127.0.0.1:1', TIMEOUTS),
  ]);
  return configOf([...formats.map((format): [Plugin] => [format]), ...entries, [routes]], {
    server: { port: 0, keepAliveMs: 100 },
  });
}

interface Providers {
  readonly url: string;
  count(): Promise<{ calls: number; sockets: number }>;
  close(): Promise<void>;
}

async function startProviders(): Promise<Providers> {
  const worker = new Worker(new URL('./providers-worker.ts', import.meta.url));
  const next = <T>() =>
    new Promise<T>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const { url } = await next<{ url: string }>();
  return {
    url,
    count: () => {
      const answer = next<{ calls: number; sockets: number }>();
      worker.postMessage('count');
      return answer;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

/** The heap as small as it gets, in MiB. */
async function heapMiB(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collect();
    await pause(50);
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Connections that the providers still see. The end of one takes its time to reach them: they are another thread. */
async function connectionsLeft(upstream: Providers): Promise<number> {
  let { sockets } = await upstream.count();
  for (let tries = 0; tries < 200 && sockets > 0; tries++) {
    await pause(50);
    ({ sockets } = await upstream.count());
  }
  return sockets;
}

/** Sockets, servers and timers that outlive the gateway. The clients' own connections are given time to end. */
async function leftBehind(): Promise<readonly string[]> {
  const leaks = () =>
    process.getActiveResourcesInfo().filter((kind) => /^(TCPSocketWrap|TCPServerWrap|Timeout|MessagePort)$/.test(kind));
  for (let tries = 0; tries < 200 && leaks().length > 1; tries++) await pause(50);
  // The timer of this very question.
  return leaks().slice(1);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Mulberry32: the same seed gives the same run, as far as the clock allows. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
