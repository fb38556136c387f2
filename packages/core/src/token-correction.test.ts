import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenCorrection } from './token-correction.ts';

const A = { provider: 'a', model: 'm' };
const B = { provider: 'b', model: 'm' };

describe('TokenCorrection', () => {
  it('changes nothing before anything is known', () => {
    const correction = new TokenCorrection();
    expect([correction.factor(A), correction.factor('m')]).toEqual([1, 1]);
  });

  it('is what a target has reported, for that target and for the model as asked for', () => {
    const correction = new TokenCorrection();
    correction.observe(A, 'asked', 10_000, 13_000);
    expect(correction.factor(A)).toBeCloseTo(1.3);
    expect(correction.factor({ ...A, key: '2' })).toBeCloseTo(1.3);
    expect(correction.factor('asked')).toBeCloseTo(1.3);
    expect([correction.factor(B), correction.factor('m')]).toEqual([1, 1]);
  });

  it('does not take a target for a model of its name', () => {
    const correction = new TokenCorrection();
    correction.observe(A, 'asked', 10_000, 13_000);
    expect(correction.factor('a/m')).toBe(1);
  });

  it('follows what is reported, slowly', () => {
    const correction = new TokenCorrection();
    correction.observe(A, 'asked', 10_000, 10_000);
    correction.observe(A, 'asked', 10_000, 20_000);
    expect(correction.factor(A)).toBeCloseTo(1.2);
    for (let index = 0; index < 40; index++) correction.observe(A, 'asked', 10_000, 15_000);
    expect(correction.factor(A)).toBeCloseTo(1.5);
  });

  it('keeps still while reports differ by little', () => {
    const correction = new TokenCorrection();
    for (let index = 0; index < 20; index++) correction.observe(A, 'asked', 10_000, 11_990 + index);
    expect(correction.factor(A)).toBe(1.2);
  });

  it('F35 learns nothing from small prompts, nor from a report of nothing', () => {
    const correction = new TokenCorrection();
    correction.observe(A, 'asked', 499, 900);
    correction.observe(A, 'asked', 10_000, 0);
    correction.observe(A, 'asked', 10_000, Number.NaN);
    expect(correction.factor(A)).toBe(1);
  });

  it('F35 learns nothing from a report that cannot be of this prompt', () => {
    const correction = new TokenCorrection();
    correction.observe(A, 'asked', 35_000, 1_000);
    correction.observe(A, 'asked', 1_000, 35_000);
    expect(correction.factor(A)).toBe(1);
    correction.observe(A, 'asked', 10_000, 12_000);
    correction.observe(A, 'asked', 35_000, 1_000);
    expect(correction.factor(A)).toBe(1.2);
  });

  it('finds the first answers of a target worth an estimate, and then one of 256', () => {
    const correction = new TokenCorrection();
    const wanted = Array.from({ length: 600 }, () => correction.wantsEstimate(A));
    expect(wanted.flatMap((is, index) => (is ? [index] : []))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 256, 512]);
    expect(correction.wantsEstimate(B)).toBe(true);
  });

  it('stays between a half and two, whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0 }), fc.double())), (reports) => {
        const correction = new TokenCorrection();
        for (const [estimated, reported] of reports) correction.observe(A, 'asked', estimated, reported);
        const factor = correction.factor(A);
        expect(factor).toBeGreaterThanOrEqual(0.5);
        expect(factor).toBeLessThanOrEqual(2);
      }),
      { numRuns: 2_000 },
    );
  });

  it('forgets the models that were not used for the longest time', () => {
    const correction = new TokenCorrection();
    correction.observe(A, 'asked', 1_000, 1_500);
    for (let index = 0; index < 2_000; index++)
      correction.observe({ provider: 'b', model: `${index}` }, 'x', 1_000, 2_000);
    expect([correction.factor(A), correction.factor({ provider: 'b', model: '1999' })]).toEqual([1, 2]);
  });
});
