import type { Extensions } from '@signalbox/kit';
import { count } from './fields.ts';

/** By format, the field of its own that is this format's seed. */
const SEED: Readonly<Record<string, string>> = { 'openai-chat': 'seed', ollama: 'options.seed' };

/** What a client of another format says in fields of its own that this format has, too: a seed. */
export function kinFields(extensions: Extensions | undefined): {
  readonly seed?: number;
  /** By format, the names of what is said so. */
  readonly told: Readonly<Record<string, readonly string[]>>;
} {
  for (const format in SEED) {
    const path = SEED[format] ?? '';
    const seed = count(extensions?.[format]?.[path]);
    if (seed !== undefined) return { seed, told: { [format]: [path] } };
  }
  return { told: {} };
}
