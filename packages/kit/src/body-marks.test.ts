import { describe, expect, it, jest } from '@jest/globals';
import { bodyHolds } from './body-marks.ts';
import type { StateKey } from './exchange.ts';

function exchangeOf(body: string) {
  const states = new Map<StateKey<unknown>, unknown>();
  const rawBody = Buffer.from(body);
  const search = jest.spyOn(rawBody, 'indexOf');
  const state = <T>(key: StateKey<T>): T => {
    if (!states.has(key)) states.set(key, key.create());
    return states.get(key) as T;
  };
  return { exchange: { rawBody, state }, searches: () => search.mock.calls.length };
}

describe('bodyHolds', () => {
  it('finds a text, and looks for it once', () => {
    const { exchange, searches } = exchangeOf('{"type":"image","text":"\\"document\\""}');
    for (let times = 0; times < 3; times++) {
      expect(bodyHolds(exchange, '"image"')).toBe(true);
      expect(bodyHolds(exchange, '"document"')).toBe(false);
    }
    expect(searches()).toBe(2);
  });

  it('keeps exchanges apart', () => {
    expect(bodyHolds(exchangeOf('"a"').exchange, '"a"')).toBe(true);
    expect(bodyHolds(exchangeOf('"b"').exchange, '"a"')).toBe(false);
  });
});
