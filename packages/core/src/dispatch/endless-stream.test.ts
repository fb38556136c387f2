import { describe, expect, it } from '@jest/globals';
import type { Format, StreamEvent } from '@signalbox/kit';
import { decode } from './canonical-stream.ts';

const MIB = 1024 * 1024;

/** A format that reads nothing at all in what comes. */
const deaf = {
  createStreamDecoder: () => ({ push: () => [], end: () => [{ type: 'error', error: {} } as StreamEvent] }),
} as unknown as Format;

describe('a stream that does not end', () => {
  it('is broken off before it fills the memory', async () => {
    let sent = 0;
    let cancelled = false;
    const chunk = Buffer.alloc(MIB);
    const response = {
      next: async () => {
        sent += chunk.length;
        return sent > 1_000 * MIB ? undefined : [chunk];
      },
      drain: () => {},
      cancel: () => {
        cancelled = true;
      },
    };
    const read = async () => {
      for await (const _events of decode(response, deaf, {} as never, undefined));
    };
    await expect(read()).rejects.toMatchObject({ code: 'MALFORMED_REPLY' });
    expect(sent).toBeLessThan(300 * MIB);
    expect(cancelled).toBe(true);
  });
});
