import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports?: object;
}

export interface WorkspacePackage {
  /** Relative to the root: `plugins/provider-demo`. */
  readonly dir: string;
  readonly manifest: Manifest;
}

/** The packages in some folders of the repository. */
export function packagesIn(...parents: readonly string[]): readonly WorkspacePackage[] {
  return parents
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((dir) => existsSync(join(root, dir, 'package.json')))
    .map((dir) => ({ dir, manifest: JSON.parse(readText(`${dir}/package.json`)) as Manifest }));
}

export function readText(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** A package's own code, without its tests; paths relative to the root. */
export function sourcesOf(dir: string): readonly string[] {
  return readdirSync(join(root, dir, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** What a module imports: the text between the quotes of every import, export from and import(). */
export function importsOf(source: string): readonly string[] {
  const code = withoutComments(source);
  const statements = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\n]+)\1/g);
  return Array.from(statements, ([, , specifier = '']) => specifier);
}

export function withoutComments(source: string): string {
  return source.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
