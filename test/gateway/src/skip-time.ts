import { jest } from '@jest/globals';

/**
 * Puts the clock of this process ahead by so many ms with every call, until Jest's mocks are restored: what would be slow
 * is slow beyond doubt, and costs no time. Timers go by their own clock.
 */
export function skippingClock(): (ms: number) => void {
  let aheadMs = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
  return (ms) => {
    aheadMs += ms;
  };
}
