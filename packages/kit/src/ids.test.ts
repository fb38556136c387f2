import { describe, expect, it } from '@jest/globals';
import { newId } from './ids.ts';

describe('newId', () => {
  it('gives 24 safe characters behind the prefix, and never the same twice', () => {
    const ids = Array.from({ length: 2000 }, () => newId('msg_'));
    for (const id of ids) expect(id).toMatch(/^msg_[A-Za-z0-9_-]{24}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
