import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import fc from 'fast-check';
import { printBody } from './print-body.ts';

describe('printBody', () => {
  it('prints what JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (value) => {
        const body = value as JsonObject;
        expect(printBody(body).toString()).toBe(Buffer.from(JSON.stringify(body)).toString());
      }),
      { numRuns: 500 },
    );
  });

  it('leaves out what is undefined, also first and in lists', () => {
    const body = { a: undefined, b: [1, undefined, 'é'], c: undefined, d: [] } as unknown as JsonObject;
    expect(printBody(body).toString()).toBe(JSON.stringify(body));
    expect(printBody({}).toString()).toBe('{}');
  });

  it('prints bodies of any size, one after the other', () => {
    const wide = '—'.repeat(70_000);
    const large = { messages: [wide, { text: wide }], system: wide, more: [[wide], [wide, 'é'], 'end'] };
    const small = { model: 'm', messages: ['a', 'b'] };
    const huge = { messages: ['x'.repeat(5_000_000), 'y'] };
    const bodies: readonly JsonObject[] = [small, large, small, huge, small, large];
    const printed = bodies.map(printBody);
    for (const [index, body] of bodies.entries())
      expect(printed[index]?.equals(Buffer.from(JSON.stringify(body)))).toBe(true);
  });
});
