import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Logger } from '@signalbox/kit';
import { consoleLogger, guarded } from './logger.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

const printed = (use: () => void): string => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  use();
  const said = write.mock.calls.map(([text]) => String(text)).join('');
  write.mockRestore();
  return said;
};

describe('a log plugin that throws', () => {
  const broken = (fail: () => void): Logger => ({ info: fail, warn: fail, error: fail });

  it('fails nobody: what it was to log is said on standard error, and why', () => {
    const log = guarded(
      broken(() => {
        throw new Error('the disk is gone');
      }),
    );
    const said = printed(() => log.warn({ provider: 'p' }, 'it is slow'));
    expect(said).toMatch(/^warn it is slow \{"provider":"p"\}\nerror the log plugin failed\nError: the disk is gone/);
  });

  it('fails nobody later either', async () => {
    const log = guarded(broken(() => Promise.reject(new Error('later')) as never));
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    log.info({}, 'up');
    await new Promise((resolve) => setImmediate(resolve));
    expect(write.mock.calls.map(([text]) => String(text)).join('')).toMatch(/^info up\nerror the log plugin failed/);
  });

  it('is only asked where it works', () => {
    const seen: unknown[] = [];
    const log = guarded({ info: (...said) => seen.push(said), warn: () => {}, error: () => {} });
    expect(printed(() => log.info({ a: 1 }, 'b'))).toBe('');
    expect(seen).toEqual([[{ a: 1 }, 'b']]);
  });
});

it('standard error gets fields that cannot be printed, too', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(printed(() => consoleLogger.info(circle, 'round'))).toMatch(/^info round \S/);
});
