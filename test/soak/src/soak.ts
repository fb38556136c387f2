import { Ledger } from './ledger.ts';
import { leftBehind, memoryMiB } from './leftovers.ts';
import { generator } from './random.ts';
import { mixedRequest, wallRequest } from './requests.ts';
import { startStrategiesGateway } from './strategies-gateway.ts';
import { startUpstream } from './upstream.ts';
import { startWallGateway } from './wall-gateway.ts';

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
  readonly beforeMiB: number;
  readonly afterMiB: number;
  /** What is wrong; empty where nothing is. */
  readonly problems: readonly string[];
}

/** Part of the requests that go to the gateway with strategies. */
const MIXED_SHARE = 0.4;
/** Part of the time that is not counted: code is compiled, pools fill. */
const WARM_UP = 0.25;
/** What the memory may have grown by, beside noise. */
const MAX_GROWTH_MIB = 8;
/** After so many requests every strategy has had something to do. */
const ENOUGH = 4_000;
const GRACE_MS = 30_000;

/** Asks two gateways for everything at once, and then looks whether all of it is accounted for and nothing is left behind. */
export async function soak({ seconds, seed, clients: width, say }: SoakOptions): Promise<SoakResult> {
  const random = generator(seed);
  const upstream = await startUpstream(seed);
  const ledger = new Ledger();
  const wall = await startWallGateway(upstream.url, ledger);
  const strategies = await startStrategiesGateway(upstream.url, ledger);

  let number = 0;
  const worker = async (until: number): Promise<void> => {
    while (performance.now() < until) {
      const id = String(++number);
      if (random() < MIXED_SHARE) await mixedRequest(strategies.url, ledger, random, id);
      else await wallRequest(wall.url, ledger, random, id);
    }
  };
  const load = async (until: number): Promise<void> => {
    const ending = new AbortController();
    const reloading = [wall.reload(ending.signal), strategies.reload(ending.signal)];
    await Promise.all(Array.from({ length: width }, () => worker(until)));
    ending.abort();
    await Promise.all(reloading);
    await ledger.settled();
  };

  const startedAt = performance.now();
  await load(startedAt + seconds * 1_000 * WARM_UP);
  const beforeMiB = await memoryMiB();
  say(`warm after ${number} requests: ${beforeMiB.toFixed(1)} MiB`);
  await load(startedAt + seconds * 1_000);
  const afterMiB = await memoryMiB();
  const reloads = wall.reloads + strategies.reloads;
  say(`${number} requests, ${wall.reloads} + ${strategies.reloads} reloads: ${afterMiB.toFixed(1)} MiB`);
  const seen = Object.entries(ledger.seen);
  say(seen.map(([kind, count]) => `${kind} ${count}`).join(', '));
  for (const [kind, count] of seen) {
    if (count === 0 && number >= ENOUGH) ledger.problem(`the strategies did nothing of the kind: ${kind}`);
  }
  if (afterMiB - beforeMiB > MAX_GROWTH_MIB) {
    ledger.problem(`the memory grew from ${beforeMiB.toFixed(1)} to ${afterMiB.toFixed(1)} MiB`);
  }

  await Promise.all([wall.close(GRACE_MS), strategies.close(GRACE_MS)]);
  const { calls } = await upstream.count();
  if (calls < ledger.calls || calls > ledger.calls + ledger.unsure) {
    ledger.problem(`${calls} calls at the providers, ${ledger.calls} on record and ${ledger.unsure} perhaps not made`);
  }
  const sockets = await upstream.socketsLeft();
  if (sockets > 0) ledger.problem(`${sockets} connections to providers are still open`);
  await upstream.close();
  const left = await leftBehind();
  if (left.length > 0) ledger.problem(`left behind: ${left.join(', ')}`);
  const { aborted, problems } = ledger;
  return { requests: number, aborted, reloads, beforeMiB, afterMiB, problems };
}
