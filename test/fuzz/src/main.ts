import type { FuzzResult } from './fuzz.ts';
import { measureGrowth } from './growth-main.ts';
import { watch } from './watch.ts';

// `npm run fuzz [seconds] [seed] [text in the names of targets] [number of one try]`, or `npm run fuzz growth [text]`
const [first = '60', second, only = '', at] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (first === 'growth') {
  process.exitCode = measureGrowth(second ?? '', say) === 0 ? 0 : 1;
} else {
  const seed = Number(second ?? Date.now() % 1_000_000);
  say(`fuzzing for ${first} s, seed ${seed}`);
  const result = await watch({ seconds: Number(first), seed, only, at: at === undefined ? undefined : Number(at) });
  report(result);
  process.exitCode = result.problems.length === 0 ? 0 : 1;
}

function report({ tries, slowestMs, heapBeforeMiB, heapAfterMiB, problems }: FuzzResult): void {
  for (const [name, count] of Object.entries(tries)) {
    say(`${name.padEnd(28)} ${String(count).padStart(9)} tries, the longest ${Math.round(slowestMs[name] ?? 0)} ms`);
  }
  for (const problem of problems) say(`\n${problem}`);
  const total = Object.values(tries).reduce((sum, count) => sum + count, 0);
  const heap = `${heapBeforeMiB.toFixed(1)} → ${heapAfterMiB.toFixed(1)} MiB`;
  say(`\n${total} tries, heap ${heap}, ${problems.length} problems`);
}
