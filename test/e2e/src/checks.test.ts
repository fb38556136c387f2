import { describe, expect, it } from '@jest/globals';
import type { FidelityNote, JsonObject } from '@signalbox/kit';
import { unaccounted } from './accounting.ts';
import { anthropicProblems } from './anthropic-shape.ts';
import { chatProblems } from './chat-shape.ts';

/** The checks that the other tests rely on see what they are for. */
const call = (id: string) => ({ id, type: 'function', function: { name: 'Read', arguments: '{"path":"a"}' } });
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'done' });
const tool = { type: 'function', function: { name: 'Read', parameters: { type: 'object' } } };
const chat = (...messages: JsonObject[]): JsonObject => ({ model: 'm', messages, tools: [tool] });
const user = { role: 'user', content: 'Hi' };
const assistant = { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] };

describe('chatProblems', () => {
  it('has nothing to say about a good request', () => {
    expect(chatProblems(chat(user, assistant, result('a'), result('b'), user))).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ['results out of order', chat(user, assistant, result('b'), result('a'))],
    ['a missing result', chat(user, assistant, result('a'), user)],
    ['a missing result at the end', chat(user, assistant, result('a'))],
    ['a result without a call', chat(user, result('a'))],
    ['an id used twice', chat(user, assistant, result('a'), result('b'), assistant, result('a'), result('b'))],
    ['an unknown field', { ...chat(user), thinking: { type: 'enabled' } }],
    ['an unknown field of a message', chat({ ...user, cache_control: {} })],
    ['an unknown part', chat({ role: 'user', content: [{ type: 'tool_result' }] })],
    ['a foreign field of a part', chat({ role: 'user', content: [{ type: 'text', text: 'x', cache_control: {} }] })],
    ['a foreign tool', { ...chat(user), tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['an illegal tool name', { ...chat(user), tools: [{ type: 'function', function: { name: 'a b' } }] }],
    ['a choice of no tool', { ...chat(user), tool_choice: { type: 'function', function: { name: 'Write' } } }],
    ['an unknown role', chat({ role: 'model', content: 'x' })],
    ['empty content', chat({ role: 'user', content: null })],
    ['no messages', chat()],
  ])('sees %s', (_what, body) => {
    expect(chatProblems(body)).not.toEqual([]);
  });
});

describe('anthropicProblems', () => {
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: {} }] };
  const answer = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'done' }] };

  it('has nothing to say about a good request', () => {
    expect(anthropicProblems({ model: 'm', messages: [user, use, answer] })).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ['a missing result', { messages: [user, use, user] }],
    ['a missing result at the end', { messages: [user, use] }],
    ['a result without a call', { messages: [answer] }],
    ['an unknown field', { messages: [user], frequency_penalty: 1 }],
    ['an unknown block', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['a foreign field of a block', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', name: 'y' }] }] }],
  ])('sees %s', (_what, body) => {
    expect(anthropicProblems(body)).not.toEqual([]);
  });
});

describe('unaccounted', () => {
  const sent: JsonObject = {
    model: 'm',
    max_tokens: 5,
    system: [{ type: 'text', text: 'Be good.', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'image', source: { data: 'QUJD' } },
        ],
      },
    ],
    tools: [{ name: 'Read', description: 'Reads', input_schema: { type: 'object' }, defer_loading: true }],
    temperature: 1,
  };
  const upstream: JsonObject = {
    max_tokens: 5,
    temperature: 1,
    messages: [{ content: 'Be good.' }, { content: ['Hello', { image_url: { url: 'data:image/png;base64,QUJD' } }] }],
    tools: [{ function: { name: 'Read', description: 'Reads', parameters: { type: 'object' } } }],
  };
  const note = (path: string): FidelityNote => ({ path, action: 'dropped', reason: 'for the test' });
  const notes = [note('cacheControl'), note('tools[0].defer_loading')];

  it('has nothing to say where everything arrived or was noted', () => {
    expect(unaccounted(sent, upstream, notes)).toEqual([]);
  });

  it.each<[string, JsonObject, readonly FidelityNote[]]>([
    ['a lost text', { ...upstream, messages: [{ content: ['Be good.', 'QUJD'] }] }, notes],
    ['a lost image', { ...upstream, messages: [{ content: ['Be good.', 'Hello'] }] }, notes],
    ['a lost field', { ...upstream, temperature: undefined } as unknown as JsonObject, notes],
    ['lost cache breakpoints', upstream, [note('tools[0].defer_loading')]],
    ['a lost field of a tool', upstream, [note('cacheControl')]],
    ['a lost tool', { ...upstream, tools: [] }, notes],
  ])('sees %s', (_what, body, list) => {
    expect(unaccounted(sent, body, list)).not.toEqual([]);
  });

  it('accepts what a note at its place explains, and at no other', () => {
    const imageless = { ...upstream, messages: [{ content: ['Be good.', 'Hello'] }] };
    expect(unaccounted(sent, imageless, [...notes, note('messages[0].content[1]')])).toEqual([]);
    expect(unaccounted(sent, imageless, [...notes, note('messages[0].content[0]')])).not.toEqual([]);
  });
});
