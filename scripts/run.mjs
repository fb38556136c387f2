// What `npm start`, `npm test` and the other npm scripts run, on any Node from 20 on: installs the workspace when it is
// not up to date, then hands the task to the pinned Node.
import { ensureInstalled } from './lib/install.mjs';
import { pinnedNode, run } from './lib/process.mjs';
import { runTests } from './lib/tests.mjs';
import { binOf, jestArguments, root } from './lib/workspace.mjs';

const source = ['--conditions=signalbox-source', '--disable-warning=ExperimentalWarning'];
const signalbox = [...source, 'packages/cli/src/bin.ts'];

/** Each task: the arguments of the pinned Node, or a function for what takes several steps. */
const tasks = {
  start: (args) => [...signalbox, 'start', ...args],
  signalbox: (args) => [...signalbox, ...args],
  bench: (args) => [...source, 'test/bench/src/main.ts', ...args],
  faults: (args) => [...source, 'test/faults/src/main.ts', ...args],
  matrix: (args) => [...source, 'test/matrix/src/main.ts', ...args],
  fuzz: (args) => [...source, 'test/fuzz/src/main.ts', ...args],
  soak: (args) => [...source, 'test/soak/src/main.ts', ...args],
  jest: (args) => jestArguments(args),
  lint: (args) => [binOf('@biomejs/biome'), 'check', ...args],
  format: (args) => [binOf('@biomejs/biome'), 'check', '--write', ...args],
  typecheck: (args) => [binOf('typescript', 'tsc'), '-b', 'tsconfig.json', 'tsconfig.test.json', ...args],
  'option-tables': (args) => [...source, 'scripts/option-tables.ts', ...args],
  test: runTests,
};

const [name = '', ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
if (task === undefined) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(tasks).join('|')} [arguments]\n`);
  process.exit(2);
}
process.chdir(root);
process.exitCode = (await ensureInstalled()) || (await perform());

async function perform() {
  if (task === runTests) return runTests(args);
  return run(pinnedNode(), task(args));
}
