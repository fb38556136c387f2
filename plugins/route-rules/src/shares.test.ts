import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { draw } from './shares.ts';

const shares = (...weights: readonly number[]) =>
  weights.map((weight, index) => ({ target: { provider: 'p', model: String(index) }, weight }));
const firstOf = (weights: readonly number[], seed: string) => draw(shares(...weights), seed)[0]?.target.model;
const SEEDS = Array.from({ length: 4_000 }, (_, index) => `session-${index}`);

describe('draw', () => {
  it.each([[[1, 1]], [[9, 1]], [[5, 3, 2]], [[1, 0, 3]]])('gives %j their shares', (weights) => {
    const total = weights.reduce((sum, weight) => sum + weight);
    for (const [index, weight] of weights.entries()) {
      const share = SEEDS.filter((seed) => firstOf(weights, seed) === String(index)).length / SEEDS.length;
      // Four standard deviations of 4000 draws.
      expect(Math.abs(share - weight / total)).toBeLessThan(0.032);
    }
  });

  it('draws the same for the same seed, and all of them each time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.string(),
        (weights, seed) => {
          const drawn = draw(shares(...weights), seed);
          expect(drawn).toEqual(draw(shares(...weights), seed));
          expect(new Set(drawn.map(({ target }) => target.model)).size).toBe(weights.length);
        },
      ),
    );
  });

  it('moves nobody to another target than the one that has grown', () => {
    for (const seed of SEEDS) {
      const [before, after] = [firstOf([5, 5], seed), firstOf([5, 7], seed)];
      expect(after === before || after === '1').toBe(true);
    }
  });
});
