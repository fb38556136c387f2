import { parseArgs } from 'node:util';
import type { GatewayBuild } from './gateway.ts';

export interface Options {
  /** How often every load meets every target. */
  readonly rounds: number;
  /** Of one load on one target in one round, in ms. */
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly starts: number;
  /** Slow streams that are open at once. */
  readonly streams: number;
  /** Only loads whose name contains it. */
  readonly only: string | undefined;
  readonly profile: boolean;
  /** Every pair of client and provider format, instead of the two that are measured closely. */
  readonly pairs: boolean;
  /** Only what routing costs: one strategy beside all of them. */
  readonly routing: boolean;
  readonly build: GatewayBuild;
}

const full = { rounds: 4, durationMs: 350, warmUpMs: 400, starts: 5, streams: 1000 };
const quick = { rounds: 1, durationMs: 150, warmUpMs: 150, starts: 1, streams: 300 };

/** @throws {TypeError} for an argument that there is none of. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      profile: { type: 'boolean' },
      pairs: { type: 'boolean' },
      routing: { type: 'boolean' },
      only: { type: 'string' },
      built: { type: 'boolean' },
    },
  });
  return {
    ...(values.quick ? quick : full),
    only: values.only,
    build: values.built ? 'built' : 'source',
    profile: values.profile ?? false,
    pairs: values.pairs ?? false,
    routing: values.routing ?? false,
  };
}
