import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function readManifest(dir) {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
}

/** Every package's folder, relative to the root: what the `packages` patterns of pnpm-workspace.yaml match. */
export function packageDirs() {
  const [, list = ''] =
    readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').match(/^packages:\n((?: +- .*\n)+)/m) ?? [];
  const parents = [...list.matchAll(/^ +- ["']?(.+?)\/\*["']?$/gm)].map(([, parent]) => parent);
  return parents
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((dir) => existsSync(join(root, dir, 'package.json')))
    .sort();
}

/** The script behind a tool's command. Called with Node directly: the shell wrappers are another process, and differ on Windows. */
export function binOf(packageName, command) {
  const dir = join(root, 'node_modules', packageName);
  const { bin } = readManifest(dir);
  return join(dir, typeof bin === 'string' ? bin : (bin[command] ?? Object.values(bin)[0]));
}

export function jestArguments(args) {
  return ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', binOf('jest'), ...args];
}
