import { inspect } from 'node:util';
import { startGateway } from './gateway.ts';
import { heapMiB } from './heap.ts';
import type { Progress } from './progress.ts';
import { startProviders } from './providers.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';
import { clientTargets } from './targets/clients.ts';
import { configTarget } from './targets/configs.ts';
import { errorTargets } from './targets/errors.ts';
import { eventMessageTarget } from './targets/event-messages.ts';
import { explainTarget } from './targets/explain.ts';
import { keptTarget } from './targets/kept.ts';
import { pluginTarget } from './targets/plugins.ts';
import { providerTargets } from './targets/providers.ts';
import { replyTargets, streamTargets } from './targets/replies.ts';
import { requestTargets } from './targets/requests.ts';
import { storedTarget } from './targets/stored.ts';

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Only targets whose names hold this text. */
  readonly only: string;
  /** Only this try of each of them, once. */
  readonly at?: number | undefined;
}

export interface FuzzResult {
  /** Tries by target. */
  readonly tries: Readonly<Record<string, number>>;
  /** How long the longest try of each target took, in ms. */
  readonly slowestMs: Readonly<Record<string, number>>;
  readonly heapBeforeMiB: number;
  readonly heapAfterMiB: number;
  /** What is wrong, with how to see it again; empty where nothing is. */
  readonly problems: readonly string[];
}

/** Turns are short, so that every target gets some of even a short run. */
const TURN_MS = 200;
/** Nothing that is given to a codec here takes this long, whatever it says; a busy machine is given its share. */
const MAX_TRY_MS = 4_000;
/** What the heap may have grown by: caches fill, code is compiled. */
const MAX_GROWTH_MIB = 24;
const MAX_PROBLEMS = 40;

/** Gives damaged words to everything that reads some, by turns, and looks whether all of it is still there afterwards. */
export async function fuzz({ seconds, seed, only, at }: FuzzOptions, progress: Progress): Promise<FuzzResult> {
  const providers = await startProviders();
  const gateway = await startGateway(providers.map(({ plugin }) => plugin));
  const all: readonly Target[] = [
    ...requestTargets,
    ...replyTargets,
    ...streamTargets,
    eventMessageTarget,
    ...errorTargets,
    ...clientTargets(gateway, providers),
    ...providerTargets(gateway, providers),
    explainTarget(gateway),
    storedTarget(gateway, providers),
    keptTarget(gateway, providers),
    configTarget,
    await pluginTarget(providers),
  ];
  const run = new Run(seed, progress);
  process.on('unhandledRejection', (error) => run.problem(undefined, `nobody caught ${inspect(error)}`));
  const targets = all.filter(({ name }) => name.includes(only));
  const endsAt = performance.now() + seconds * 1_000;
  let heapBeforeMiB = 0;
  if (at !== undefined) {
    for (const target of targets) await run.once(target, at);
  } else {
    // The first round is to fill the caches.
    for (let round = 0; round === 0 || performance.now() < endsAt; round++) {
      for (const target of targets) await run.turn(target, performance.now() + Math.min(TURN_MS, seconds * 20));
      if (round === 0) heapBeforeMiB = await heapMiB();
    }
  }
  const heapAfterMiB = await heapMiB();
  if (at === undefined && heapAfterMiB - heapBeforeMiB > MAX_GROWTH_MIB) {
    run.problem(undefined, `the heap grew from ${heapBeforeMiB.toFixed(1)} to ${heapAfterMiB.toFixed(1)} MiB`);
  }
  await gateway.close();
  for (const target of all) await target.close?.();
  await Promise.all(providers.map((provider) => provider.close()));
  const { tries, slowestMs, problems } = run;
  return { tries, slowestMs, heapBeforeMiB, heapAfterMiB, problems };
}

class Run {
  readonly tries: Record<string, number> = {};
  readonly slowestMs: Record<string, number> = {};
  readonly problems: string[] = [];
  readonly #seed: number;
  readonly #progress: Progress;
  /** What was wrong already: one fault is told once for each target. */
  readonly #known = new Set<string>();

  constructor(seed: number, progress: Progress) {
    this.#seed = seed;
    this.#progress = progress;
  }

  /** Tries until the time is over; at least once. */
  async turn(target: Target, endsAt: number): Promise<void> {
    const { name, atOnce = 1 } = target;
    const next = (): number => {
      const at = this.tries[name] ?? 0;
      this.tries[name] = at + 1;
      return at;
    };
    const worker = async (): Promise<void> => {
      do await this.once(target, next());
      while (performance.now() < endsAt);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  async once(target: Target, at: number): Promise<void> {
    const { name } = target;
    this.#progress.begin(name, at);
    const began = performance.now();
    try {
      const done = target.run(new Random(this.#seed, name, at));
      if (done !== undefined) await done;
      if (
        (Object.prototype as { polluted?: unknown }).polluted !== undefined ||
        Object.keys(Object.prototype).length > 0
      ) {
        throw new Error('every object has got a new property');
      }
    } catch (error) {
      this.problem(target, error, at);
    }
    const ms = performance.now() - began;
    this.slowestMs[name] = Math.max(this.slowestMs[name] ?? 0, ms);
    if (target.atOnce === undefined && ms > MAX_TRY_MS) this.problem(target, `took ${Math.round(ms)} ms`, at);
  }

  problem(target: Target | undefined, error: unknown, at = 0): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const kind = `${target?.name} ${kindOf(error)}`;
    if (this.#known.has(kind) || this.problems.length >= MAX_PROBLEMS) return;
    this.#known.add(kind);
    const again = target === undefined ? '' : `npm run fuzz 0 ${this.#seed} '${target.name}' ${at}\n`;
    this.problems.push(`${target?.name ?? 'the run'}: ${again}${text}`);
  }
}

/** What one fault has in common over all the words that bring it out: the beginning of its message, and where it was thrown. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).replace(/\d+/g, 'N');
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line) && !line.includes('/test/fuzz/')) ?? '';
  return `${error.message.slice(0, 60).replace(/\d+/g, 'N')} ${place.replace(/:\d+\)?$/, '')}`;
}
