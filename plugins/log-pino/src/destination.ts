import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { pino } from 'pino';

export interface Destination {
  readonly stream: ReturnType<typeof pino.destination>;
  /** Settles when everything is written. */
  close(): Promise<void>;
}

/**
 * Opens the place the lines go to. Writes are asynchronous, so that a slow disk holds no request up.
 * @throws {Error} for a file that cannot be written.
 */
export function openDestination(name: string, configDir: string): Destination {
  const standard = name === 'stdout' ? 1 : name === 'stderr' ? 2 : undefined;
  const file = resolve(configDir, name);
  // Opened here once, so that a path that cannot work stops the start and not the first request.
  if (standard === undefined) closeSync(openSync(file, 'a', 0o600));
  const stream = pino.destination({ dest: standard ?? file, sync: false, mode: 0o600 });
  stream.on('error', (error: Error) => process.stderr.write(`log-pino: ${name}: ${error.message}\n`));
  return {
    stream,
    close: () =>
      new Promise((done) => {
        stream.once('close', done);
        stream.end();
      }),
  };
}
