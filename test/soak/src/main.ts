import { soak } from './soak.ts';

// `npm run soak [seconds] [seed]`
const seconds = Number(process.argv[2] ?? 600);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`soaking for ${seconds} s, seed ${seed}`);
const { requests, aborted, reloads, beforeMiB, afterMiB, problems } = await soak({
  seconds,
  seed,
  clients: 48,
  say,
});
for (const problem of problems) say(problem);
say(
  `${requests} requests (${aborted} left by their clients), ${reloads} reloads, memory ${beforeMiB.toFixed(1)} → ${afterMiB.toFixed(1)} MiB, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
