// `npm run bench [-- --quick] [-- --pairs] [-- --profile] [-- --routing] [-- --built] [-- --only=<part of a load's name>]`
import { LoadGenerator } from './generator-client.ts';
import { loads } from './loads.ts';
import { readOptions } from './options.ts';
import { chosenLoads, measurePairs } from './pairs.ts';
import { printPairs } from './pairs-report.ts';
import { profileLoad } from './profile.ts';
import { makeReport, printReport, saveReport } from './report.ts';
import { runRounds } from './rounds.ts';
import { measureRouting, printRouting, startRouting } from './routing.ts';
import { measureFigures } from './single-figures.ts';
import { summarise } from './summary.ts';
import { startTargets, startUpstream } from './targets.ts';

const startedAt = performance.now();
const options = readOptions(process.argv.slice(2));
const progress = (text: string): boolean => process.stderr.write(text);
const chosen = options.pairs
  ? chosenLoads(options.only)
  : loads.filter(({ name }) => options.only === undefined || name.includes(options.only));
const generator = new LoadGenerator();
const upstream = await startUpstream();
const bench = { generator, upstream, build: options.build };

if (options.routing) {
  const gateways = await startRouting(bench);
  const rows = await measureRouting(bench, gateways, options, progress);
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  process.stdout.write(`${printRouting(rows)}\n`);
} else if (options.profile) {
  for (const load of chosen.filter(({ kind }) => kind === 'throughput')) {
    process.stdout.write(`${await profileLoad(bench, load)}\n`);
  }
} else if (options.pairs) {
  const rows = await measurePairs(bench, options, progress);
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${printPairs(rows, seconds)}\n\nWritten to ${saveReport({ seconds, rows }, 'pairs')}\n`);
} else {
  const figures = options.only === undefined ? await measureFigures(bench, options) : [];
  const targets = await startTargets(upstream.port, options.build);
  const results = await runRounds(generator, targets, chosen, options, progress);
  await Promise.all(Object.values(targets).map((target) => target.stop()));
  const rows = chosen.flatMap((load) => summarise(load, results.get(load) ?? []));
  const seconds = (performance.now() - startedAt) / 1000;
  const report = makeReport({ build: options.build, rounds: options.rounds, seconds, rows, figures });
  process.stdout.write(`${printReport(report)}\n\nWritten to ${saveReport(report)}\n`);
}

await Promise.all([generator.stop(), upstream.stop()]);
