import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonEnd } from './json-end.ts';

const isWhole = (...pieces: readonly string[]): boolean => {
  const end = new JsonEnd();
  for (const piece of pieces) end.add(piece);
  return end.isWhole();
};

describe('JsonEnd', () => {
  it('knows an object, a list or a text as whole, and nothing before that', () => {
    const value = fc.oneof(fc.object(), fc.array(fc.jsonValue()), fc.string());
    const cut = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
    fc.assert(
      fc.property(value, cut, (value, lengths) => {
        const json = JSON.stringify(value);
        const end = new JsonEnd();
        for (let at = 0, turn = 0; at < json.length; turn++) {
          const length = lengths[turn % lengths.length] ?? 1;
          end.add(json.slice(at, at + length));
          at += length;
          // A number has no end of its own.
          expect(end.isWhole()).toBe(at >= json.length);
        }
      }),
    );
  });

  it.each([
    [[], false],
    [[''], false],
    [['12'], false],
    [['true'], false],
    [['{"a":1}', ' \n'], true],
    [['{"a":1}', ' x'], false],
    [['{"a":1}', '{}'], false],
    [['{]'], false],
    [['{a}'], false],
    [['"a\\', '"'], false],
    [['"a\\', '"', '"'], true],
    [['["}"', ']'], true],
    [[' {}'], true],
    [[',{}'], false],
    [['}'], false],
  ])('says of %j: %s', (pieces: string[], whole) => {
    expect(isWhole(...pieces)).toBe(whole);
  });

  it('looks at every character once, however often it is asked', () => {
    const end = new JsonEnd();
    const began = process.cpuUsage();
    end.add('{"a":"');
    for (let at = 0; at < 300_000; at++) {
      end.add('} ');
      end.isWhole();
    }
    end.add('"}');
    expect(end.isWhole()).toBe(true);
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(5_000);
  });
});
