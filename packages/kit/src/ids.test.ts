import { describe, expect, it } from '@jest/globals';
import { isMadeUpId, MADE_UP, newId } from './ids.ts';

describe('newId', () => {
  it('gives 24 safe characters behind the prefix, and never the same twice', () => {
    const ids = Array.from({ length: 2000 }, () => newId('msg_'));
    for (const id of ids) expect(id).toMatch(/^msg_[A-Za-z0-9_-]{24}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('isMadeUpId', () => {
  it.each([
    [`resp_${newId(`${MADE_UP}_`)}`, true],
    [newId(`msg_${MADE_UP}`), true],
    ['resp_68e3', false],
    ['resp_68_sbx', false],
    [7, false],
    [undefined, false],
  ])('%s: %s', (id, expected) => expect(isMadeUpId(id)).toBe(expected));
});
