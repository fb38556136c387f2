import { parseArgs } from 'node:util';

export interface Options {
  /** How often every load meets every target. */
  readonly rounds: number;
  /** Of one load on one target in one round, in ms. */
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly streamsPerConnection: number;
  readonly starts: number;
  /** Slow streams that are open at once. */
  readonly streams: number;
  /** Only loads whose name contains it. */
  readonly only: string | undefined;
  readonly profile: boolean;
}

const full = { rounds: 5, durationMs: 500, warmUpMs: 300, streamsPerConnection: 2, starts: 5, streams: 1000 };
const quick = { rounds: 1, durationMs: 300, warmUpMs: 100, streamsPerConnection: 1, starts: 1, streams: 300 };

/** @throws {TypeError} for an argument that there is none of. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean' }, profile: { type: 'boolean' }, only: { type: 'string' } },
  });
  return { ...(values.quick ? quick : full), only: values.only, profile: values.profile ?? false };
}
