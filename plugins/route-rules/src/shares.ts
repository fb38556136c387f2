import { hash } from 'node:crypto';
import type { Target } from '@signalbox/kit';

export interface Share {
  readonly target: Target;
  readonly weight: number;
}

/**
 * All targets of the shares, the drawn one first. Over many seeds each comes first as often as its weight says, and the
 * same seed always draws the same: where a weight changes, only so many seeds move as it needs.
 */
export function draw(shares: readonly Share[], seed: string): readonly Share[] {
  // Weighted rendezvous hashing: each share draws a number of its own, and a larger weight brings it nearer to 0.
  return (
    shares
      .map((share, index) => ({ share, score: -Math.log(fraction(`${index}\n${seed}`)) / share.weight }))
      // Two that have no weight are as far away as can be, both.
      .sort((a, b) => (a.score === b.score ? 0 : a.score - b.score))
      .map(({ share }) => share)
  );
}

/** Between 0 and 1, neither of them included. */
function fraction(text: string): number {
  const bits = hash('sha1', text, 'buffer').readUIntBE(0, 6);
  return (bits + 0.5) / 2 ** 48;
}
