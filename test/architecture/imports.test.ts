import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { forbiddenDependencies, forbiddenImports } from './rules.ts';
import { importsOf, packagesIn, readText, root, sourcesOf, withoutComments } from './workspace.ts';

const packages = packagesIn('packages', 'packages/formats', 'plugins');

describe('who may import whom', () => {
  it.each(packages.map(({ dir }) => dir))('%s imports only what it may', (dir) => {
    const sources = sourcesOf(dir);
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap((file) => forbiddenImports(dir, file, readText(file)))).toEqual([]);
  });

  it.each(packages)('$dir depends only on what it may import', ({ dir, manifest }) => {
    expect(forbiddenDependencies(dir, manifest)).toEqual([]);
  });

  it('reads every form of import', () => {
    const source = `
      import a from 'one'; import type { B } from "two"; import 'three'; export * from 'four';
      export type { C } from 'five'; const d = await import('six'); import {
        e,
      } from 'seven';
      // import 'comment';
      /* from 'comment' */`;
    expect(importsOf(source)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven']);
  });

  const violations = [
    ['packages/spec', '@signalbox/kit'],
    ['packages/kit', '@signalbox/core'],
    ['packages/core', '@signalbox/provider-demo'],
    ['packages/core', '@signalbox/format-openai-chat'],
    ['packages/core', '@signalbox/server'],
    ['packages/server', '@signalbox/route-scenarios'],
    ['packages/server', '@signalbox/format-openai-chat'],
    ['packages/cli', '@signalbox/provider-demo'],
    ['packages/testkit', '@signalbox/format-openai-chat'],
    ['packages/formats/openai-chat', '@signalbox/format-anthropic-messages'],
    ['packages/formats/openai-chat', '@signalbox/core'],
    ['plugins/provider-demo', '@signalbox/core'],
    ['plugins/provider-demo', '@signalbox/provider-deepseek'],
    ['plugins/preset-default', '@signalbox/server'],
  ] as const;

  it.each(violations)('would see %s import %s, in the code and in its manifest', (dir, specifier) => {
    expect(forbiddenImports(dir, `${dir}/src/bad.ts`, `import '${specifier}';`)).toHaveLength(1);
    expect(forbiddenDependencies(dir, { name: 'bad', dependencies: { [specifier]: '^0.1.0' } })).toHaveLength(1);
  });

  it('would see a relative path that leaves its package', () => {
    const [dir, file] = ['packages/core', 'packages/core/src/config/bad.ts'];
    expect(forbiddenImports(dir, file, "import '../../../../plugins/provider-demo/src/index.ts';")).toHaveLength(1);
    expect(forbiddenImports(dir, file, "import '../hooks.ts';")).toEqual([]);
  });

  it('the lint rule refuses each of them, and lets through what is allowed', () => {
    const bad = violations.map(([dir, specifier], index) => ({ file: `${dir}/src/bad-${index}.ts`, specifier }));
    const good = ['packages/core', 'packages/server', 'packages/formats/openai-chat', 'plugins/provider-demo'].map(
      (dir) => ({ file: `${dir}/src/good.ts`, specifier: '@signalbox/kit' }),
    );
    expect(refusedByLint([...bad, ...good])).toEqual(bad.map(({ file }) => file).sort());
  });
});

describe('names', () => {
  const names = packagesIn('packages/formats', 'plugins')
    .map(({ dir }) => dir.replace(/^.*\//, ''))
    .flatMap((name) => (name.startsWith('provider-') ? [name.slice('provider-'.length)] : []))
    .filter((name) => !['demo', 'compatible'].includes(name));
  /** The command talks about clients: their variables, their package, the SDK's name. */
  const clientNames =
    /\b(ANTHROPIC|OPENAI|CLAUDE_CODE)_[A-Z_]+|@anthropic-ai\/claude-code|\bAnthropic and OpenAI SDKs|\bOpenAI SDK\b/g;

  const vendorsIn = (source: string): readonly string[] => {
    const text = withoutComments(source).replace(clientNames, '').toLowerCase();
    return names.filter((name) => text.includes(name));
  };

  it.each(['spec', 'kit', 'core', 'server', 'cli'])('packages/%s names no provider', (name) => {
    for (const file of sourcesOf(`packages/${name}`)) {
      expect({ file, names: vendorsIn(readText(file)) }).toEqual({ file, names: [] });
    }
  });

  it('would see one', () => {
    expect(names.length).toBeGreaterThanOrEqual(4);
    expect(vendorsIn("if (target.provider === 'deepseek') retry();")).toEqual(['deepseek']);
    expect(vendorsIn("// like deepseek\nset('OPENAI_API_KEY')")).toEqual([]);
  });
});

/** The files that Biome refuses for what they import, under this repository's settings. */
function refusedByLint(files: readonly { readonly file: string; readonly specifier: string }[]): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-lint-'));
  try {
    const { overrides, linter } = JSON.parse(readText('biome.json')) as { overrides: unknown; linter: unknown };
    writeFileSync(join(dir, 'biome.json'), JSON.stringify({ overrides, linter }));
    for (const { file, specifier } of files) {
      mkdirSync(join(dir, dirname(file)), { recursive: true });
      writeFileSync(join(dir, file), `import value from '${specifier}';\n\nexport default value;\n`);
    }
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--max-diagnostics=none', '--colors=off'], {
      cwd: dir,
      encoding: 'utf8',
    });
    const reports = `${stdout}${stderr}`.matchAll(/^(\S+\.ts):\d+:\d+ lint\/style\/noRestrictedImports/gm);
    return [...new Set(Array.from(reports, ([, file = '']) => file))].sort();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
