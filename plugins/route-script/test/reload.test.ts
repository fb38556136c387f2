import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../packages/cli/test/command.ts';

const PLUGIN = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** A config with the script ahead of what decides everything else: the demo provider. */
const config = (options: object) =>
  JSON.stringify({
    plugins: [[PLUGIN, { file: 'rules/route.ts', timeoutMs: 30_000, ...options }], '@signalbox/preset-default'],
  });

const script = (body: string) => `
import type { Exchange } from '@signalbox/kit';
import { parseTarget } from '@signalbox/kit';
export default async function choose({ model, request }: Exchange) {
  ${body}
}
`;

/** Types that are stripped, a value from the kit, the decoded request. */
const FIRST = script(
  "return request.messages.length === 1 && model === 'mine' ? parseTarget('demo/first' as string) : undefined;",
);

async function targetOf(url: string, model = 'mine'): Promise<string | null> {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'signalbox' },
    body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get('x-signalbox-target');
}

describe('a script in a real gateway', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    // Enough to load a file on a slow machine, and little enough to wait for it once.
    sandbox.file('signalbox.jsonc', config({ timeoutMs: 3_000 }));
    sandbox.file('rules/route.ts', FIRST);
  });
  afterEach(() => sandbox.dispose());

  it('chooses, is loaded again when it changes, and keeps its last version through a broken one', async () => {
    const { child, ended, url } = await sandbox.gateway();
    const fallback = await targetOf(url, 'something-else');
    expect(fallback).not.toContain('first');
    expect(await targetOf(url)).toBe('demo/first');

    sandbox.file('rules/route.ts', script("return 'demo/second';"));
    expect(await targetOf(url)).toBe('demo/second');

    sandbox.file('rules/route.ts', 'export default (');
    expect(await targetOf(url)).toBe('demo/second');

    rmSync(`${sandbox.dir}/rules/route.ts`);
    expect(await targetOf(url)).toBe('demo/second');

    sandbox.file('rules/route.ts', script("throw new Error('no rule for ' + model);"));
    expect(await targetOf(url, 'something-else')).toBe(fallback);

    sandbox.file('rules/route.ts', script('await new Promise(() => {});'));
    expect(await targetOf(url, 'something-else')).toBe(fallback);

    sandbox.file('rules/route.ts', script("return 'nowhere/x';"));
    expect(await targetOf(url, 'something-else')).toBe(fallback);

    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    const log = stdout + stderr;
    expect(log).toContain('route.ts was loaded again');
    expect(log).toMatch(/route\.ts cannot be loaded: .+\. Its last version stays/);
    expect(log).toContain(`route.ts cannot be loaded: there is no file ${sandbox.dir}/rules/route.ts`);
    expect(log).toContain('route.ts failed: no rule for something-else. The next routing plugin decides');
    expect(log).toContain('route.ts failed: it took longer than 3000 ms');
    expect(log).toMatch(/route\.ts failed: no provider is called \\?"nowhere/);
  });

  it.each([
    ['is missing', undefined, /file: route\.ts cannot be loaded: there is no file/],
    ['does not load', "throw new Error('not today');", /file: route\.ts cannot be loaded: not today/],
    ['exports no function', 'export default 42;', /its default export must be a function/],
  ])('does not start with a script that %s, and says why', async (_name, text, message) => {
    rmSync(`${sandbox.dir}/rules/route.ts`);
    if (text !== undefined) sandbox.file('rules/route.ts', text);
    const { code, stderr } = await sandbox.run(['start', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^signalbox\.jsonc:1:\d+: plugin route-script/);
    expect(stderr).toMatch(message);
  });

  it('warns of a CommonJS file, which cannot be loaded again', async () => {
    sandbox.file('route.cjs', 'module.exports = () => "demo/one";');
    sandbox.file('signalbox.jsonc', config({ file: 'route.cjs' }));
    const { child, ended, url } = await sandbox.gateway();
    expect(await targetOf(url)).toBe('demo/one');
    sandbox.file('route.cjs', 'module.exports = () => "demo/changed";');
    expect(await targetOf(url)).toBe('demo/one');
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;
    expect(stdout + stderr).toContain('route.cjs has changed, but its function has not');
  });

  it.each([
    ['route.js', 'export default () => ({ targets: ["demo/js"], reason: "it is plain" });'],
    ['route.mts', 'export default (exchange: object): string => "demo/js";'],
  ])('may be %s', async (file, text) => {
    sandbox.file(file, text);
    sandbox.file('signalbox.jsonc', config({ file }));
    const { url } = await sandbox.gateway();
    expect(await targetOf(url)).toBe('demo/js');
    sandbox.file(file, text.replace('demo/js', 'demo/changed'));
    expect(await targetOf(url)).toBe('demo/changed');
  });
});
