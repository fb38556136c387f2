import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedNode, run } from './process.mjs';
import { binOf, jestArguments } from './workspace.mjs';

/**
 * Lint, types and tests; all of them run, whatever an earlier one says. Further arguments go to jest. The last line is
 * `N passed, N failed`; a check that fails counts as one.
 * @returns the exit code
 */
export async function runTests(args) {
  const node = pinnedNode();
  const checks = [
    ['lint', [binOf('@biomejs/biome'), 'check', '--error-on-warnings']],
    ['typecheck', [binOf('typescript', 'tsc'), '-b', 'tsconfig.json', 'tsconfig.test.json']],
  ];
  const failures = [];
  for (const [name, command] of checks) {
    process.stdout.write(`\n— ${name}\n`);
    if ((await run(node, command)) !== 0) failures.push(name);
  }

  process.stdout.write('\n— jest\n');
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const file = join(dir, 'results.json');
  const code = await run(node, jestArguments(['--json', `--outputFile=${file}`, ...args]));
  const results = readResults(file);
  rmSync(dir, { recursive: true, force: true });
  if (results === undefined || (code !== 0 && results.failed === 0)) failures.push('jest');

  const { passed = 0, failed = 0, skipped = 0 } = results ?? {};
  process.stdout.write('\n');
  if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
  if (failures.length > 0) process.stdout.write(`failed besides tests: ${failures.join(', ')}\n`);
  process.stdout.write(`${passed} passed, ${failed + failures.length} failed\n`);
  return code === 0 && failures.length === 0 ? 0 : 1;
}

/** Counts of jest's JSON report; a test file that does not even load is a failure. `undefined`: there is no report. */
function readResults(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return undefined;
  }
}
