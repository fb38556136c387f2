import { openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { LineWriter } from './line-writer.ts';

/** Plugins have 3 s to close. */
const CLOSE_LIMIT_MS = 2_000;

export interface Destination {
  write(line: string): void;
  /** Settles when everything is written, or cannot be. */
  close(): Promise<void>;
}

/**
 * Opens the place the lines go to. Writes are asynchronous, so that a slow disk holds no request up.
 * @throws {Error} for a file that cannot be written.
 */
export function openDestination(name: string, configDir: string): Destination {
  const standard = name === 'stdout' ? 1 : name === 'stderr' ? 2 : undefined;
  const writer = new LineWriter(standard ?? openSync(resolve(configDir, name), 'a', 0o600), (problem) => {
    try {
      writeSync(2, `log-pino: ${name}: ${problem}\n`);
    } catch {
      // Nobody is left to be told.
    }
  });
  return { write: (line) => writer.write(line), close: () => writer.close(CLOSE_LIMIT_MS) };
}
