import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/spec';
import { entryOf, setField, wordOf } from './json-words.ts';

describe('wordOf', () => {
  it.each([
    ['tool_use', 'tool_use'],
    [7, '7'],
    [null, 'null'],
    [undefined, 'undefined'],
    [['a'], 'a list'],
    // `String` fails on both.
    [{ toString: 1, valueOf: null }, 'an object'],
    [[{ toString: 1 }], 'a list'],
  ])('calls %j %s', (value, word) => {
    expect(wordOf(value)).toBe(word);
  });

  it('stays short', () => {
    expect(wordOf('x'.repeat(1_000))).toBe(`${'x'.repeat(100)}…`);
  });
});

describe('entryOf', () => {
  it('knows what a table says, and nothing that every object has', () => {
    const table = { stop: 'end' };
    expect(entryOf(table, 'stop')).toBe('end');
    for (const word of ['constructor', 'toString', '__proto__', 'start', undefined]) {
      expect(entryOf(table, word)).toBeUndefined();
    }
  });
});

describe('setField', () => {
  it('sets a field of any name', () => {
    const fields: JsonObject = {};
    setField(fields, 'a', 1);
    setField(fields, '__proto__', { a: 2, b: 3 });
    expect(JSON.stringify(fields)).toBe('{"a":1,"__proto__":{"a":2,"b":3}}');
    expect(fields.b).toBeUndefined();
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(JSON.stringify({ ...fields })).toBe(JSON.stringify(fields));
  });
});
