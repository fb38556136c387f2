import { describe, expect, it } from '@jest/globals';
import type { Usage } from '@signalbox/spec';
import { errors } from './errors.ts';
import type { SseFrame } from './sse.ts';
import { SseRelay } from './sse-relay.ts';

class Words extends SseRelay {
  usage: Usage | undefined;
  readonly seen: [string, boolean][] = [];
  protected frame({ data }: SseFrame, last: boolean): void {
    this.seen.push([data, last]);
    if (data === 'word') this.committed = true;
    if (data === 'throw') throw errors.malformedReply('It is broken.');
    if (data === 'bug') throw new TypeError('bug');
    if (data === 'fail') this.fail(errors.providerFailed(502, 'It failed.'), true);
  }
}

describe('SseRelay', () => {
  it('gives on the very bytes, and reads whole frames however they are cut', () => {
    const relay = new Words();
    const bytes = Buffer.from('data: word\n\ndata: ü');
    for (const [at, byte] of bytes.entries()) {
      const chunk = Uint8Array.of(byte);
      expect(relay.push(chunk)).toBe(chunk);
      expect(relay.committed).toBe(at >= 11);
      expect(relay.betweenFrames).toBe(at === 11);
    }
    expect(relay.seen).toEqual([['word', false]]);
    expect(relay.end()).toEqual(new Uint8Array());
    expect(relay.seen).toEqual([
      ['word', false],
      ['ü', true],
    ]);
  });

  it.each(['\r\n\r\n', '\r\r', '\n\n', '\n\r\n'])('knows %j for the end of a frame', (end) => {
    const relay = new Words();
    relay.push(Buffer.from('data: a'));
    expect(relay.betweenFrames).toBe(false);
    relay.push(Buffer.from(end));
    expect(relay.betweenFrames).toBe(true);
  });

  it('keeps the first error, thrown or told', () => {
    const relay = new Words();
    relay.push(Buffer.from('data: throw\n\ndata: fail\n\n'));
    expect([relay.error?.code, relay.errorShown]).toEqual(['MALFORMED_REPLY', false]);
    const told = new Words();
    told.push(Buffer.from('data: fail\n\n'));
    expect([told.error?.code, told.errorShown]).toEqual(['PROVIDER_FAILED', true]);
    expect(() => new Words().push(Buffer.from('data: bug\n\n'))).toThrow(TypeError);
  });

  it('takes a line without an end for malformed', () => {
    const relay = new Words();
    const piece = Buffer.alloc(16 * 1024 * 1024, 'x');
    for (let at = 0; at < 3; at++) relay.push(piece);
    expect(relay.error?.code).toBe('MALFORMED_REPLY');
  });

  it('knows its place in what was rewritten', () => {
    const relay = new Words({ push: () => Buffer.from('held'), end: () => Buffer.from('\n\n') });
    expect(String(relay.push(Buffer.from('data: a\n\n')))).toBe('held');
    expect(relay.betweenFrames).toBe(false);
    relay.end();
    expect(relay.betweenFrames).toBe(true);
  });
});
