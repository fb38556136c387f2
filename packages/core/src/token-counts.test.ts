import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { errors, type SignalboxError } from '@signalbox/kit';
import { questionOf, TokenCounts } from './token-counts.ts';

/** A client that can leave. */
function client() {
  let release: (() => void) | undefined;
  return {
    stopped: undefined,
    onRelease: (cancel: () => void) => {
      release = cancel;
    },
    leave: () => release?.(),
  };
}

/** A provider that answers when told to. */
function provider() {
  const calls: { answer(tokens: number): void; fail(error: SignalboxError): void; cancelled: boolean }[] = [];
  const ask = (onRelease: (cancel: () => void) => void): Promise<number> =>
    new Promise((resolve, reject) => {
      const call = { answer: resolve, fail: reject, cancelled: false };
      calls.push(call);
      onRelease(() => {
        call.cancelled = true;
        reject(errors.clientClosed());
      });
    });
  return { calls, ask };
}

const code = (promise: Promise<unknown>) => promise.catch((error: SignalboxError) => error.code);

describe('TokenCounts', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('F30 asks once for all who ask at the same time, and keeps the answer for a minute', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const answers = Array.from({ length: 50 }, () => counts.ask('q', client(), ask));
    expect(calls).toHaveLength(1);
    calls[0]?.answer(321);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([321]));
    jest.advanceTimersByTime(59_000);
    expect(await counts.ask('q', client(), ask)).toBe(321);
    expect(calls).toHaveLength(1);
    jest.advanceTimersByTime(2_000);
    const late = counts.ask('q', client(), ask);
    calls[1]?.answer(322);
    expect(await late).toBe(322);
  });

  it('asks for other questions, and remembers no more than 200', async () => {
    const counts = new TokenCounts();
    const asked: string[] = [];
    const ask = (question: string) =>
      counts.ask(question, client(), () => {
        asked.push(question);
        return Promise.resolve(asked.length);
      });
    for (let index = 0; index < 201; index++) expect(await ask(`${index}`)).toBe(index + 1);
    expect(await ask('200')).toBe(201);
    expect(await ask('0')).toBe(202);
  });

  it('goes on for the others when a client leaves, and tells it so', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const leaver = client();
    const first = code(counts.ask('q', leaver, ask));
    const second = counts.ask('q', client(), ask);
    leaver.leave();
    expect(await first).toBe('CLIENT_CLOSED');
    expect(calls[0]?.cancelled).toBe(false);
    calls[0]?.answer(5);
    expect(await second).toBe(5);
  });

  it('F37 ends the call when the last one leaves, and asks anew for whoever comes then', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const clients = [client(), client()];
    const left = clients.map((each) => code(counts.ask('q', each, ask)));
    for (const each of clients) each.leave();
    expect(calls[0]?.cancelled).toBe(true);
    const next = counts.ask('q', client(), ask);
    expect(await Promise.all(left)).toEqual(['CLIENT_CLOSED', 'CLIENT_CLOSED']);
    calls[1]?.answer(6);
    expect(await next).toBe(6);
    expect(await counts.ask('q', client(), ask)).toBe(6);
    expect(calls).toHaveLength(2);
  });

  it('F29 tells a failure to all who waited, and does not keep it', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const waiting = [1, 2].map(() => code(counts.ask('q', client(), ask)));
    calls[0]?.fail(errors.providerAuth('no'));
    expect(await Promise.all(waiting)).toEqual(['PROVIDER_AUTH', 'PROVIDER_AUTH']);
    const again = counts.ask('q', client(), ask);
    calls[1]?.answer(7);
    expect(await again).toBe(7);
  });

  it('does not cancel what has been answered when its client goes', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const asker = client();
    const answer = counts.ask('q', asker, ask);
    calls[0]?.answer(8);
    expect(await answer).toBe(8);
    asker.leave();
    expect(calls[0]?.cancelled).toBe(false);
    expect(await counts.ask('q', client(), ask)).toBe(8);
  });
});

describe('TokenCounts, where counts are late or missing', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('F30 ends a call that takes longer than five seconds, for all who wait, and asks anew after it', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const waiting = [1, 2].map(() => code(counts.ask('q', client(), ask)));
    jest.advanceTimersByTime(4_999);
    expect(calls[0]?.cancelled).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await Promise.all(waiting)).toEqual(['TOTAL_TIMEOUT', 'TOTAL_TIMEOUT']);
    expect(calls[0]?.cancelled).toBe(true);
    const again = counts.ask('q', client(), ask);
    calls[1]?.answer(4);
    expect(await again).toBe(4);
  });

  it('F37 ends a call that only begins to run when its time is up', async () => {
    const counts = new TokenCounts();
    let begin: (cancel: () => void) => void = () => {};
    const late = code(
      counts.ask('q', client(), (onRelease) => {
        begin = onRelease;
        return new Promise(() => {});
      }),
    );
    jest.advanceTimersByTime(5_000);
    expect(await late).toBe('TOTAL_TIMEOUT');
    const cancel = jest.fn();
    begin(cancel);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it('leaves no timer behind an answer', async () => {
    const counts = new TokenCounts();
    const { calls, ask } = provider();
    const answer = counts.ask('q', client(), ask);
    calls[0]?.answer(4);
    await answer;
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each<[string, SignalboxError, number]>([
    ['that is not there', errors.modelNotFound('no'), 600_000],
    ['that has no such operation', errors.providerFailed(501, 'no'), 600_000],
    ['that is slow', errors.timeout('TOTAL', 'slow'), 30_000],
    ['that cannot be reached', errors.providerUnreachable('no'), 30_000],
  ])('lets a place rest %s', (_what, error, restMs) => {
    const counts = new TokenCounts();
    counts.failed('a', error);
    expect([counts.rests('a'), counts.rests('b')]).toEqual([true, false]);
    jest.advanceTimersByTime(restMs - 1);
    expect(counts.rests('a')).toBe(true);
    jest.advanceTimersByTime(1);
    expect(counts.rests('a')).toBe(false);
  });

  it.each([
    errors.providerAuth('no'),
    errors.rateLimited('no'),
    errors.providerFailed(500, 'no'),
    errors.clientClosed(),
  ])('asks again at once after %s', (error) => {
    const counts = new TokenCounts();
    counts.failed('a', error);
    expect(counts.rests('a')).toBe(false);
  });
});

describe('questionOf', () => {
  const request = { url: 'https://a.example/count', headers: { authorization: 'Bearer secret-key' }, body: '{"a":1}' };
  const me = { id: 'me' };

  it('is the same for the same bytes, and for nothing else', () => {
    const base = questionOf(request, me);
    expect(questionOf({ ...request, body: Buffer.from('{"a":1}') }, me)).toBe(base);
    for (const other of [
      questionOf({ ...request, body: '{"a":2}' }, me),
      questionOf({ ...request, url: 'https://b.example/count' }, me),
      questionOf({ ...request, headers: { authorization: 'Bearer other-key' } }, me),
      questionOf(request, { id: 'you' }),
      questionOf(request, undefined),
    ]) {
      expect(other).not.toBe(base);
    }
  });

  it('does not give away what it is made of', () => {
    expect(questionOf(request, me)).not.toContain('secret');
  });
});
