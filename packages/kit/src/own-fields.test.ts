import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/spec';
import { Notes } from './notes.ts';
import { keepOwn, ownFields, ownFieldsOf } from './own-fields.ts';

describe('a format’s own fields', () => {
  const own: JsonObject = { $client: { a: 1 } };
  keepOwn(own, 'seed', 7, 'loss');
  keepOwn(own, 'text.verbosity', 'low', 'loss');
  keepOwn(own, 'text.padding', true, 'advice');
  keepOwn(own, 'cache_key', 'k', 'advice');
  keepOwn(own, 'store', false, 'harmless');
  keepOwn(own, 'text.shape', 'plain', 'harmless');

  it('are noted elsewhere by what they are', () => {
    const notes = new Notes();
    notes.foreignExtensions({ mine: own }, 'another', '');
    expect(notes.list.map(({ action, path }) => `${action} ${path}`)).toEqual([
      'dropped seed',
      'dropped text.verbosity',
      'mapped text.padding',
      'mapped cache_key',
    ]);
  });

  it('may be called anything', () => {
    const hostile: JsonObject = {};
    keepOwn(hostile, '__proto__', { polluted: true }, 'advice');
    keepOwn(hostile, 'x.__proto__', { polluted: true }, 'harmless');
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
    const under = ownFieldsOf({ mine: hostile }, 'mine', 'x');
    expect(Object.getPrototypeOf(under)).toBe(Object.prototype);
    expect(Object.keys(under)).toEqual(['__proto__']);
  });

  it('come back to the format, all of them, and by the field that they are of', () => {
    const extensions = { mine: own, other: { 'text.x': 1 } };
    expect(Object.fromEntries(ownFields(extensions, 'mine'))).toEqual({
      seed: 7,
      'text.verbosity': 'low',
      'text.padding': true,
      cache_key: 'k',
      store: false,
      'text.shape': 'plain',
    });
    expect(ownFieldsOf(extensions, 'mine', 'text')).toEqual({ verbosity: 'low', padding: true, shape: 'plain' });
    expect(ownFields(undefined, 'mine')).toEqual([]);
    expect(ownFieldsOf({}, 'mine', 'text')).toEqual({});
  });
});
