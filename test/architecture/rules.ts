import { dirname, join } from 'node:path';
import { importsOf, type Manifest } from './workspace.ts';

/** Which packages of this repository a package may import: "Who may import whom". */
export function mayImport(dir: string, specifier: string): boolean {
  const [, name = ''] = /^(@signalbox\/[^/]+|signalbox)(?:\/|$)/.exec(specifier) ?? [];
  if (name === '') return true;
  const allowed = allowedFor(dir);
  return allowed.some((pattern) => pattern.test(name));
}

function allowedFor(dir: string): readonly RegExp[] {
  const kit = /^@signalbox\/kit$/;
  const spec = /^@signalbox\/spec$/;
  const core = /^@signalbox\/core$/;
  const format = /^@signalbox\/format-/;
  if (dir === 'packages/spec') return [];
  if (dir === 'packages/kit') return [spec];
  if (dir === 'packages/core' || dir === 'packages/testkit') return [kit, spec];
  if (dir === 'packages/server') return [kit, spec, core];
  if (dir === 'packages/cli') return [kit, core, /^@signalbox\/server$/];
  // A catalogue is a plugin that is shared data first.
  if (dir === 'packages/model-catalogue') return [kit];
  if (dir.startsWith('packages/formats/')) return [kit];
  if (/^plugins\/preset-/.test(dir))
    return [kit, format, /^@signalbox\/(auth|provider|route|transform|log|limit|model)-/];
  if (dir.startsWith('plugins/')) return [kit, format];
  throw new Error(`no import rule for ${dir}`);
}

/** The imports of a source file that break the rules, as `file imports specifier`. */
export function forbiddenImports(dir: string, file: string, source: string): readonly string[] {
  return importsOf(source)
    .filter((specifier) =>
      specifier.startsWith('.') ? !staysInside(dir, file, specifier) : !mayImport(dir, specifier),
    )
    .map((specifier) => `${file} imports ${specifier}`);
}

/** The dependencies that break the rules. The command brings the default preset along without importing it. */
export function forbiddenDependencies(dir: string, { dependencies, peerDependencies }: Manifest): readonly string[] {
  return Object.keys({ ...dependencies, ...peerDependencies })
    .filter((name) => !mayImport(dir, name) && !(dir === 'packages/cli' && name === '@signalbox/preset-default'))
    .map((name) => `${dir} depends on ${name}`);
}

function staysInside(dir: string, file: string, specifier: string): boolean {
  return join(dirname(file), specifier).startsWith(`${dir}/`);
}
