import { readFileSync } from 'node:fs';

/** This installation's version, as its package.json has it. */
export function ownVersion(): string {
  // One folder up both from `src` and from `dist`.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
