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
  answerKey(who, { text, calls }, before).byContents();

describe('an id', () => {
  const byId = (who: string, id: string) => answerKey(who, { text: '', calls: [call(id, {})] }, undefined).byId;

  it('is the first call’s, for one caller', () => {
    expect(byId('me', 'x')).not.toBe(byId('you', 'x'));
    expect(byId('a', 'b","c')).not.toBe(byId('a","b', 'c'));
    expect(answerKey('me', { text: 'hi', calls: [] }, undefined).byId).toBeUndefined();
  });
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
