import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** The file that a shell would run for `name`: a path as it is, else the first match on PATH. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (/[/\\]/.test(name)) return isProgram(resolve(name)) ? resolve(name) : undefined;
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const dirs = (env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  return dirs.flatMap((dir) => suffixes.map((suffix) => resolve(dir, name + suffix))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
