// `npm run bench [-- --quick] [-- --profile] [-- --routing] [-- --built] [-- --only=<part of a load's name>]`
import { LoadGenerator } from './generator-client.ts';
import { loads } from './loads.ts';
import { readOptions } from './options.ts';
import { profileLoad } from './profile.ts';
import { makeReport, printReport, saveReport } from './report.ts';
import { runRounds } from './rounds.ts';
import { measureRouting, printRouting, startRouting } from './routing.ts';
import { measureFigures } from './single-figures.ts';
import { summarise } from './summary.ts';
import { startTargets, startUpstream } from './targets.ts';

const startedAt = performance.now();
const options = readOptions(process.argv.slice(2));
const chosen = loads.filter(({ name }) => options.only === undefined || name.includes(options.only));
const generator = new LoadGenerator();
const upstream = await startUpstream();
const bench = { generator, upstream, build: options.build };

if (options.routing) {
  const gateways = await startRouting(bench);
  const rows = await measureRouting(bench, gateways, options, (text) => process.stderr.write(text));
  await Promise.all(Object.values(gateways).map((gateway) => gateway.stop()));
  process.stdout.write(`${printRouting(rows)}\n`);
} else if (options.profile) {
  for (const load of chosen.filter(({ kind }) => kind === 'throughput')) {
    process.stdout.write(`${await profileLoad(bench, load)}\n`);
  }
} else {
  const figures = options.only === undefined ? await measureFigures(bench, options) : [];
  const targets = await startTargets(upstream.port, options.build);
  const results = await runRounds(generator, targets, chosen, options, (text) => process.stderr.write(text));
  await Promise.all(Object.values(targets).map((target) => target.stop()));
  const rows = chosen.flatMap((load) => summarise(load, results.get(load) ?? []));
  const seconds = (performance.now() - startedAt) / 1000;
  const report = makeReport({ build: options.build, rounds: options.rounds, seconds, rows, figures });
  process.stdout.write(`${printReport(report)}\n\nWritten to ${saveReport(report)}\n`);
}

await Promise.all([generator.stop(), upstream.stop()]);
