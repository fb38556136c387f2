import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { testRequest, testTarget } from '../test/context.ts';
import type { DialectOptions } from './dialect.ts';
import { openaiChat } from './format.ts';

function encode(request: Partial<ChatRequest>, dialect: DialectOptions) {
  const target = testTarget();
  const body = openaiChat.with(dialect).encodeRequest(testRequest(request), target);
  return { body, notes: target.notes.list.map(({ path, action }) => `${path} ${action}`) };
}

const thought = { type: 'reasoning', text: 'Hm.' } as const;
const history = [
  { role: 'user', content: [{ type: 'text', text: 'Go' }] },
  { role: 'assistant', content: [thought, { type: 'text', text: 'Gone.' }] },
  { role: 'user', content: [{ type: 'text', text: 'On' }] },
] as const;

describe('a model that always thinks', () => {
  const dialect = { alwaysThinks: true, reasoningReplay: 'always' } as const;
  const off = { messages: history, reasoning: { mode: 'disabled' } } as const;

  it('gets the weakest effort in place of none, and its reasoning back', () => {
    const { body, notes } = encode(off, { ...dialect, efforts: { low: 'low', max: 'max' } });
    expect(body.reasoning_effort).toBe('low');
    expect(body.messages).toMatchObject([{}, { reasoning_content: 'Hm.' }, {}]);
    expect(notes).toEqual(['reasoning.effort approximated']);
  });

  it('says so where it has no efforts', () => {
    const { body, notes } = encode(off, { ...dialect, effortField: 'none' });
    expect(body).not.toHaveProperty('reasoning_effort');
    expect(body.messages).toMatchObject([{}, { reasoning_content: 'Hm.' }, {}]);
    expect(notes).toEqual(['reasoning dropped']);
  });

  it('keeps its switch on, and an effort that was asked for', () => {
    expect(encode(off, { ...dialect, thinking: 'thinking', effortField: 'none' }).body.thinking).toEqual({
      type: 'enabled',
    });
    expect(encode({ reasoning: { effort: 'high' } }, dialect).body.reasoning_effort).toBe('high');
  });
});

describe('a provider that needs a user message', () => {
  const system = [{ type: 'text', text: 'Say hello.' }] as const;

  it('gets the system prompt as one, where there is nothing else', () => {
    const { body, notes } = encode({ system, messages: [] }, { needsUserMessage: true });
    expect(body.messages).toEqual([{ role: 'user', content: 'Say hello.' }]);
    expect(notes).toEqual(['messages approximated']);
  });

  it('gets a conversation that has one as it is, and so does any other provider', () => {
    const { body, notes } = encode({ system, messages: history.slice(0, 1) }, { needsUserMessage: true });
    expect(body.messages).toMatchObject([{ role: 'system' }, { role: 'user' }]);
    expect(notes).toEqual([]);
    expect(encode({ system, messages: [] }, {}).body.messages).toMatchObject([{ role: 'system' }]);
  });
});

it.each<['never' | 'thinking' | 'always', Partial<ChatRequest>, boolean]>([
  ['never', {}, false],
  ['never', { stream: true }, true],
  ['thinking', { reasoning: { mode: 'adaptive' } }, true],
  ['thinking', { reasoning: { mode: 'disabled' } }, false],
  ['always', { reasoning: { mode: 'disabled' } }, true],
])('F90 streamOnly %s asks for a stream after %j: %j', (streamOnly, request, streams) => {
  const { body } = encode(request, { streamOnly, thinking: 'enable_thinking' });
  expect(body.stream).toBe(streams ? true : undefined);
  expect(body.stream_options).toEqual(streams ? { include_usage: true } : undefined);
});

it('F42 sends a cache breakpoint without its lifetime where the provider has one lifetime', () => {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi', cacheControl: { ttl: '1h' } }] }] as const;
  const sent = (dialect: DialectOptions) => encode({ messages }, { cacheControl: true, ...dialect });
  const part = (body: JsonObject) => (body.messages as { content: { cache_control: object }[] }[])[0]?.content[0];
  expect(part(sent({ cacheTtl: false }).body)?.cache_control).toEqual({ type: 'ephemeral' });
  expect(sent({ cacheTtl: false }).notes).toEqual(['messages[0].content[0].cacheControl.ttl mapped']);
  expect(part(sent({}).body)?.cache_control).toEqual({ type: 'ephemeral', ttl: '1h' });
});

it('asks for any JSON object by a schema where only schemas are taken', () => {
  const dialect = { responseFormat: 'json_schema_only' } as const;
  const { body, notes } = encode({ responseFormat: { type: 'json-object' } }, dialect);
  expect(body.response_format).toEqual({
    type: 'json_schema',
    json_schema: { name: 'response', schema: { type: 'object' } },
  });
  expect(notes).toEqual(['responseFormat mapped']);
  const schema = { type: 'object', properties: { a: {} } };
  expect(encode({ responseFormat: { type: 'json-schema', schema } }, dialect).body.response_format).toMatchObject({
    json_schema: { schema },
  });
});

it('reads errors in the way that all models of a function’s dialect have in common', () => {
  const format = openaiChat.with((model) => ({
    errorMeanings: { 1113: 'billing', ...(model === 'm' ? { 1234: 'quota' } : {}) },
  }));
  const code = (word: string) => format.decodeError(429, {}, JSON.stringify({ error: { code: word } })).code;
  expect([code('1113'), code('1234')]).toEqual(['PROVIDER_BILLING', 'RATE_LIMITED']);
});
