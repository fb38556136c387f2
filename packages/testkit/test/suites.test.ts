import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from '@jest/globals';

interface Assertion {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: 'passed' | 'failed';
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

let assertions: readonly Assertion[];
beforeAll(async () => {
  const root = pathOf('../../../');
  const args = [
    ...JEST,
    pathOf('../../../node_modules/jest/bin/jest.js'),
    '--json',
    '--testMatch',
    '**/broken-suites.ts',
  ];
  const ran = promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1 << 24 });
  const { code, stdout } = await ran.then(
    () => ({ code: 0, stdout: '' }),
    (failure: { code: number; stdout: string }) => failure,
  );
  expect(code).toBe(1);
  const { testResults } = JSON.parse(stdout) as { testResults: { assertionResults: Assertion[] }[] };
  assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
}, 60_000);

it.each([
  ['describeFormat', 'format sample', /keeps its class$/, /whole reply that is encoded/],
  ['describeProvider', 'provider-sample', /key in a header|connection$|caller’s key|extra headers/, /takes tools/],
  ['describeStrategy', 'route-silent', /^it has an opinion$/, /^it has none$/],
  ['describeTransform', 'transform-idle', /^the text goes: /, /^the text stays: /],
])('%s fails where a law is broken, and there alone', (_suite, name, broken, kept) => {
  const own = assertions.filter(({ ancestorTitles }) => ancestorTitles[0] === name);
  const titles = (status: Assertion['status']) => own.filter((one) => one.status === status).map(({ title }) => title);
  const failed = titles('failed');
  expect(failed).toContainEqual(expect.stringMatching(broken));
  expect(titles('passed')).toContainEqual(expect.stringMatching(kept));
  expect(failed.filter((title) => !broken.test(title))).toEqual([]);
});
