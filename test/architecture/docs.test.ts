import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createHooks } from '../../packages/core/src/hooks.ts';
import { errors, type SignalboxError } from '../../packages/kit/src/index.ts';

const root = join(import.meta.dirname, '../..');
const table = (file: string) =>
  [...readFileSync(join(root, 'docs', file), 'utf8').matchAll(/^\|\s*`([A-Za-z_]+)`\s*\|(.*)\|$/gm)].map(
    ([, name, rest]) => [name ?? '', (rest ?? '').split('|').map((cell) => cell.trim())] as const,
  );

/** Every code that stands in the sources, wherever it is thrown. */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  const files = ['packages', 'plugins'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && /\/src(\/|$)/.test(entry.parentPath) && !/node_modules|dist/.test(entry.parentPath),
      )
      .filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const file of files) {
    for (const [, code] of readFileSync(file, 'utf8').matchAll(/new SignalboxError\(\s*'([A-Z_]+)'/g))
      codes.add(code ?? '');
  }
  return codes;
}

describe('docs', () => {
  it('hooks.md lists exactly the hooks that exist, with their kinds', () => {
    const documented = table('hooks.md').map(([name, [kind]]) => [name, kind]);
    const real = Object.entries(createHooks()).map(([name, hook]) => [
      name,
      hook.constructor.name.replace(/Hook$/, ''),
    ]);
    expect(documented).toEqual(real);
  });

  it('errors.md lists exactly the codes that exist, with their statuses and whether another target is tried', () => {
    const documented = new Map(table('errors.md'));
    const made = (Object.entries(errors) as [string, (...args: never[]) => SignalboxError][])
      .filter(([name]) => name !== 'timeout')
      .map(([name, make]) =>
        /^provider(Rejected|Failed)$/.test(name) ? make(418 as never, 'x' as never) : make('x' as never),
      );
    for (const error of made) {
      const [status, next] = documented.get(error.code) ?? [];
      expect([error.code, status, next]).toEqual([
        error.code,
        error.status === 418 ? 'as given' : String(error.status),
        error.retryable ? 'yes' : 'no',
      ]);
    }
    const timeouts = ['CONNECT', 'HEADERS', 'FIRST_EVENT', 'IDLE', 'TOTAL'].map((phase) => `${phase}_TIMEOUT`);
    expect([...documented.keys()].sort()).toEqual(
      [...new Set([...codesInSources(), ...timeouts, 'BAD_CONFIG'])].sort(),
    );
  });
});
