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
});
