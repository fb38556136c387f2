import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Exchange, StateKey } from './exchange.ts';
import { sessionKey, sessionOf } from './session.ts';

const ID = '11111111-2222-4333-8444-555555555555';
type Asking = Pick<Exchange, 'headers' | 'rawBody' | 'principal' | 'state'>;

function asking(given: Partial<Asking>): Asking {
  const states = new Map<StateKey<unknown>, unknown>();
  return {
    headers: {},
    rawBody: Buffer.from('{}'),
    principal: { id: 'local' },
    state: <T>(key: StateKey<T>): T => {
      if (!states.has(key)) states.set(key, key.create());
      return states.get(key) as T;
    },
    ...given,
  };
}

const of = (body: object | string, headers: Record<string, string> = {}, spaces?: number) =>
  sessionOf(
    asking({
      headers,
      rawBody: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body, undefined, spaces)),
    }),
  );
const userId = JSON.stringify({ device_id: 'd', account_uuid: '', session_id: ID });

describe('sessionOf', () => {
  it('asks no body that is full of such keys for longer than a few of them', () => {
    const full = `{"metadata":{"user_id":${JSON.stringify(userId)}},"x":[${'{"user_id":"y"},'.repeat(200_000)}1]}`;
    const startedAt = process.cpuUsage();
    expect(of(full)).toBeUndefined();
    expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(2_000);
  });

  it.each<[string, object | string, Record<string, string>, string | undefined]>([
    ['a header', {}, { 'x-claude-code-session-id': 'h' }, 'h'],
    ['a header of another client', {}, { session_id: 'h' }, 'h'],
    ['a header before the body', { metadata: { user_id: userId } }, { 'x-session-id': 'h' }, 'h'],
    ['an empty header', { metadata: { user_id: userId } }, { 'x-session-id': '' }, ID],
    ['the user id as JSON', { messages: [], metadata: { user_id: userId }, tools: [] }, {}, ID],
    ['the user id as older clients write it', { metadata: { user_id: `user_ab_account__session_${ID}` } }, {}, ID],
    ['a user id without a session', { metadata: { user_id: 'someone' } }, {}, undefined],
    ['a prompt cache key', { prompt_cache_key: 'mine' }, {}, 'mine'],
    ['a key that is not a text', { prompt_cache_key: 5 }, {}, undefined],
    ['a key that is only talked about', { messages: [{ content: '"prompt_cache_key": "x"' }] }, {}, undefined],
    ['a tool’s argument beside the metadata', { metadata: { user_id: userId }, a: { user_id: 'x' } }, {}, ID],
    ['an id without an end', { prompt_cache_key: 'x'.repeat(5_000) }, {}, undefined],
    ['nothing', {}, {}, undefined],
    ['a body that is cut', '{"metadata":{"user_id":"abc', {}, undefined],
    ['a key at the very start', '"user_id"', {}, undefined],
  ])('%s', (_, body, headers, expected) => {
    expect(of(body, headers)).toBe(expected);
    if (typeof body !== 'string') expect(of(body, headers, 2)).toBe(expected);
  });

  it('finds a session in any JSON, and never fails', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.stringMatching(/^[\w-]{1,40}$/), (rest, id) => {
        expect(of({ rest, prompt_cache_key: id })).toEqual(expect.any(String));
        expect(of({ prompt_cache_key: id, messages: [{ content: JSON.stringify(rest) }] })).toBe(id);
      }),
    );
  });
});

describe('sessionKey', () => {
  const headers = { 'x-session-id': 's' };
  it('keeps callers and their agents apart', () => {
    const keys = [
      sessionKey(asking({ headers })),
      sessionKey(asking({ headers, principal: { id: 'other' } })),
      sessionKey(asking({ headers: { ...headers, 'x-claude-code-agent-id': 'a' } })),
    ];
    expect(new Set(keys).size).toBe(3);
    expect(sessionKey(asking({ headers }))).toBe(keys[0]);
    expect(sessionKey(asking({}))).toBeUndefined();
  });
});
