import { describe, expect, it } from '@jest/globals';
import { compileTimeRange } from './time-range.ts';

const at = (time: string) => new Date(`2026-07-01T${time}:00Z`);

describe('compileTimeRange', () => {
  it.each<[string, string, ...(readonly [time: string, holds: boolean])[]]>([
    ['08:00', '17:00', ['07:59', false], ['08:00', true], ['16:59', true], ['17:00', false]],
    ['22:00', '06:00', ['21:59', false], ['22:00', true], ['00:00', true], ['05:59', true], ['06:00', false]],
    ['00:00', '24:00', ['00:00', true], ['23:59', true]],
    ['23:30', '24:00', ['23:29', false], ['23:59', true], ['00:00', false]],
  ])('%s to %s', (from, to, ...cases) => {
    const holds = compileTimeRange(from, to, 'UTC');
    expect(cases.map(([time]) => holds(at(time)))).toEqual(cases.map(([, expected]) => expected));
  });

  it('knows time zones, and the time of this machine', () => {
    // Berlin is two hours ahead in July, and one in January.
    const noon = compileTimeRange('12:00', '12:01', 'Europe/Berlin');
    expect(noon(new Date('2026-07-01T10:00:00Z'))).toBe(true);
    expect(noon(new Date('2026-01-01T11:00:00Z'))).toBe(true);
    const local = new Date(2026, 6, 1, 12, 0);
    expect(compileTimeRange('12:00', '12:01')(local)).toBe(true);
    expect(compileTimeRange('12:01', '12:00')(local)).toBe(false);
  });

  it.each(['8:00', '24:01', '12:60', '1200', '', 'noon'])('refuses %s', (text) => {
    expect(() => compileTimeRange(text, '01:00')).toThrow('a time is written HH:MM');
  });
});
