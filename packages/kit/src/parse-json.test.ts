import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_JSON_DEPTH, parseJson } from './parse-json.ts';

const nested = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);

describe('parseJson', () => {
  it('parses what JSON.parse parses', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['', '{', '[1,]', 'undefined'])('throws at %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('throws at what is nested too deep to be printed again', () => {
    expect(parseJson(nested(MAX_JSON_DEPTH))).toBeDefined();
    expect(() => parseJson(nested(MAX_JSON_DEPTH + 1))).toThrow(SyntaxError);
    expect(() => parseJson(`${nested(100_000, '{"a":[', ']}').replace('[]', '[1]')}`)).toThrow(SyntaxError);
    expect(() => JSON.stringify(JSON.parse(nested(100_000)))).toThrow(RangeError);
  });

  it('counts no brackets in texts', () => {
    const text = JSON.stringify(['['.repeat(5_000), '\\"[{'.repeat(2_000), { a: '"['.repeat(2_000) }]);
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('takes many levels beside each other', () => {
    const text = JSON.stringify(Array.from({ length: 5_000 }, () => [[[{}]]]));
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });
});
