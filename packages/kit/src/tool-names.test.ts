import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ToolNames } from './tool-names.ts';

const LEGAL = /^[A-Za-z0-9_-]{1,64}$/;

describe('ToolNames', () => {
  it('F58 leaves a name alone that the provider takes', () => {
    const names = new ToolNames();
    expect(names.alias('mcp__files__read-all')).toBe('mcp__files__read-all');
    expect(names.alias('x'.repeat(64))).toBe('x'.repeat(64));
    expect(names.aliased).toBe(false);
  });

  it('F58 gives a long or illegal name a legal alias, and the name back', () => {
    const names = new ToolNames();
    for (const name of ['x'.repeat(65), 'a.b', 'größe', 'with space', '', '😀'.repeat(40)]) {
      const alias = names.alias(name);
      expect(alias).toMatch(LEGAL);
      expect(names.original(alias)).toBe(name);
      expect(names.alias(name)).toBe(alias);
    }
    expect(names.aliased).toBe(true);
  });

  it('F58 tells names apart that differ only where they are cut', () => {
    const names = new ToolNames();
    expect(names.alias(`${'x'.repeat(70)}a`)).not.toBe(names.alias(`${'x'.repeat(70)}b`));
    expect(names.alias('a.b')).not.toBe(names.alias('a:b'));
  });

  it('gives the same alias in every attempt, so that a history keeps its bytes', () => {
    expect(new ToolNames().alias('a.b')).toBe(new ToolNames().alias('a.b'));
  });

  it('keeps to limits of another provider', () => {
    const names = new ToolNames({ legal: /^[A-Za-z][A-Za-z0-9_]*$/, maxLength: 20 });
    expect(names.alias('a'.repeat(20))).toBe('a'.repeat(20));
    expect(names.alias('a'.repeat(21))).toHaveLength(20);
    expect(names.alias('a-b')).not.toBe('a-b');
  });

  it('passes on a name that it never gave', () => {
    expect(new ToolNames().original('unknown')).toBe('unknown');
  });

  it('F58 is reversible for any set of names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 20 }), (all) => {
        const names = new ToolNames();
        const aliases = all.map((name) => names.alias(name));
        expect(aliases.every((alias) => LEGAL.test(alias))).toBe(true);
        expect(aliases.map((alias) => names.original(alias))).toEqual(all);
      }),
    );
  });
});
