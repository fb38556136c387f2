import { describe, expect, it } from '@jest/globals';
import type { FidelityNote } from '@signalbox/kit';
import { receiptHeader } from './receipt.ts';

const note = (path: string): FidelityNote => ({ path, action: 'dropped', reason: 'nobody has “it”\r\n' });

describe('receiptHeader', () => {
  it('is ASCII in one line, and the same notes again', () => {
    const notes = [note('a'), note('ключ')];
    const header = receiptHeader(notes);
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(header)).toEqual(notes);
  });

  it('counts what does not fit', () => {
    const notes = Array.from({ length: 500 }, (_, index) => note(`messages[${index}]`));
    const header = receiptHeader(notes);
    expect(header.length).toBeLessThan(8_100);
    const entries = JSON.parse(header) as { more?: number }[];
    expect(entries.at(-1)).toEqual({ more: 500 - (entries.length - 1) });
    const counted = [...notes, { path: '', action: 'dropped' as const, reason: 'more', count: 10_000 }];
    expect((JSON.parse(receiptHeader(counted)) as object[]).at(-1)).toEqual({ more: 10_500 - (entries.length - 1) });
  });
});
