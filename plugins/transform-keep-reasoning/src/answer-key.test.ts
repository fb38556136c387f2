import { describe, expect, it } from '@jest/globals';
import type { JsonValue, Message } from '@signalbox/kit';
import { answerKey } from './answer-key.ts';

const asked = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const result = (callId: string, text: string): Message => ({
  role: 'user',
  content: [{ type: 'tool-result', callId, content: [{ type: 'text', text }] }],
});
const call = (id: string, input: JsonValue, name = 'look') => ({ id, name, input });
const contents = (text: string, before?: Message, calls = [] as ReturnType<typeof call>[], who = 'me') =>
  answerKey(who, { text, calls }, before === undefined ? [] : [before]).byContents();

describe('an id', () => {
  const byId = (who: string, id: string) => answerKey(who, { text: '', calls: [call(id, {})] }, []).byId;

  it('is the first call’s, for one caller', () => {
    expect(byId('me', 'x')).not.toBe(byId('you', 'x'));
    expect(byId('a', 'b","c')).not.toBe(byId('a","b', 'c'));
    expect(answerKey('me', { text: 'hi', calls: [] }, []).byId).toBeUndefined();
  });
});

it.each([
  ['call_0', true],
  ['functions.look:0', true],
  ['functions.look2gether:12', true, 'look2gether'],
  ['', true],
  ['look', true],
  ['x'.repeat(1_000_000), true],
  ['toolu_01AbCdEfGhIjKlMnOpQrStUv', false],
  ['call_a1b2c3d4', false],
  ['D681PevKs', false],
  ['call_0_3f2504e0-4f89-11d3-9a0c-0305e82c3301', false],
  ['call_look_20251122093012', false],
])('an id like %.40s may be given to another answer, too: %s', (id, expected, name = 'look') => {
  expect(answerKey('me', { text: '', calls: [call(id, {}, name)] }, []).mayRepeat).toBe(expected);
});

describe('contents', () => {
  it('are what was said to whom, after what', () => {
    const all = [
      contents('Done.', asked('Go.')),
      contents('Done.', asked('Go on.')),
      contents('Done!', asked('Go.')),
      contents('Done.', asked('Go.'), [], 'you'),
      contents('Done.', asked('Go.'), [call('1', {})]),
      contents('Done.', result('1', 'a heron')),
      contents('Done.', result('1', 'a crow')),
      contents('Done.'),
      contents('Done.', asked(`${'x'.repeat(5_000)}a`)),
      contents('Done.', asked(`${'x'.repeat(5_000)}ab`)),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('are the same without ids, with keys in another order, and with blanks around the text', () => {
    const input = { at: { x: 1, y: [2, { a: 3, b: null }] }, by: 'me' };
    const turned = { by: 'me', at: { y: [2, { b: null, a: 3 }], x: 1 } };
    expect(contents(' Done.\n', result('1', 'a'), [call('1', input)])).toBe(
      contents('Done.', result('call_0_0', 'a'), [call('call_2_0', turned)]),
    );
    expect(contents('', asked('a'), [call('1', { a: '1' })])).not.toBe(contents('', asked('a'), [call('1', { a: 1 })]));
    expect(contents('', asked('a'), [call('1', {})])).not.toBe(contents('', asked('a'), [call('1', {}, 'see')]));
  });

  it('hold no text, and are nothing for nothing', () => {
    expect(contents('secret', asked('secret'))).not.toContain('secret');
    expect(contents(' ', asked('a'))).toBeUndefined();
  });

  it('of any depth are told', () => {
    let deep: JsonValue = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(contents('', asked('a'), [call('1', deep)])).toBeDefined();
  });
});

describe('a conversation', () => {
  const said = (text: string, ...thoughts: string[]): Message => ({
    role: 'assistant',
    content: [...thoughts.map((thought) => ({ type: 'reasoning', text: thought }) as const), { type: 'text', text }],
  });
  const after = (...messages: Message[]) => answerKey('me', { text: 'Done.', calls: [] }, messages).byContents();

  it('is told from others by its last few messages', () => {
    const all = [
      after(asked('Go.')),
      after(asked('Herons?'), said('Yes.'), asked('Go.')),
      after(asked('Owls?'), said('Yes.'), asked('Go.')),
      after(asked('Owls?'), said('No.'), asked('Go.')),
    ];
    expect(new Set(all).size).toBe(all.length);
    const rest = [said('a'), asked('b'), said('c'), asked('d')];
    expect(after(asked('Herons?'), ...rest)).toBe(after(asked('[shortened]'), ...rest));
  });

  it('is the same without its reasoning and with other system messages', () => {
    const reminder: Message = { role: 'system', content: [{ type: 'text', text: 'Mind.' }] };
    expect(after(asked('Owls?'), said(' Yes.', 'Hm.'), reminder, asked('Go.'))).toBe(
      after(asked('Owls?'), said('Yes.'), asked('Go.')),
    );
  });

  it('ends before the answer, wherever that stands', () => {
    const messages = [asked('Owls?'), said('Yes.'), asked('Go.')];
    const answer = { text: 'Yes.', calls: [] };
    expect(answerKey('me', answer, messages, 1).byContents()).toBe(
      answerKey('me', answer, messages.slice(0, 1)).byContents(),
    );
  });
});

describe('a thought', () => {
  const thought = (text: string, who = 'me') => answerKey(who, { text: 'a', thought: text, calls: [] }, []).thought;

  it('is known by its beginning, however its blocks were joined, to the caller who got it', () => {
    expect(thought('So. \n\n I look.')).toBe(thought('So.I look.'));
    expect(thought('So.')).not.toBe(thought('So!'));
    expect(thought('So.')).not.toBe(thought('So.', 'you'));
    expect(thought('a'.repeat(9_000))).toBe(thought('a'.repeat(5_000)));
    expect(thought('So.')).not.toContain('So');
    expect([thought(''), thought(' \n')]).toEqual([undefined, undefined]);
  });
});
