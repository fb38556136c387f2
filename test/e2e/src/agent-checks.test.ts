import { describe, expect, it } from '@jest/globals';
import { unaccountedContents } from './gemini-accounting.ts';
import { unaccountedItems } from './responses-accounting.ts';
import { toolExchanges } from './tool-exchanges.ts';

describe('the tool exchanges of a request', () => {
  const call = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' };
  const result = { type: 'function_call_output', call_id: 'a', output: 'one' };

  it('pair every call with its result, in the order of the calls', () => {
    const other = { ...call, call_id: 'b', name: 'g' };
    const body = { input: [call, other, { ...result, call_id: 'b', output: 'two' }, result] };
    expect(toolExchanges({ body })).toEqual([
      { name: 'f', input: { x: 1 }, result: 'one' },
      { name: 'g', input: { x: 1 }, result: 'two' },
    ]);
  });

  it.each([
    ['a result that nobody asked for', [result]],
    ['a result before its call', [result, call]],
    ['a result too many', [call, result, result]],
    ['a call without a result', [call]],
  ])('refuse %s', (_what, input) => {
    expect(() => toolExchanges({ body: { input } })).toThrow(/belongs to no open call|no results for/);
  });

  it('pair by name where results have no id', () => {
    const calls = ['f', 'g'].map((name) => ({ id: `id-${name}`, function: { name, arguments: {} } }));
    const messages = [
      { role: 'assistant', tool_calls: calls },
      { role: 'tool', tool_name: 'g', content: 'of g' },
      { role: 'tool', tool_name: 'f', content: 'of f' },
    ];
    expect(toolExchanges({ body: { messages } }).map(({ result: text }) => text)).toEqual(['of f', 'of g']);
  });
});

describe('the accounting of a Responses request', () => {
  const sent = {
    model: 'm',
    prompt_cache_key: 'key',
    input: [
      {
        type: 'additional_tools',
        tools: [{ type: 'namespace', name: 'space', tools: [{ type: 'custom', name: 'exec' }] }],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
      { type: 'function_call_output', call_id: 'a', output: 'one' },
    ],
    tools: [{ type: 'web_search' }],
  };
  const upstream = {
    prompt_cache_key: 'key',
    messages: ['Hello', 'one', 'space__exec'],
    tools: [{ name: 'web_search' }],
  };

  it('is settled where everything is upstream', () => {
    expect(unaccountedItems(sent, upstream, [])).toEqual([]);
  });

  it.each([
    ['a field', { ...upstream, prompt_cache_key: undefined }, 'prompt_cache_key', 'prompt_cache_key'],
    ['a text', { ...upstream, messages: ['one', 'space__exec'] }, 'input[1]', 'input[1]: "Hello"'],
    ['a result', { ...upstream, messages: ['Hello', 'space__exec'] }, 'input[2]', 'input[2]: "one"'],
    ['a tool', { ...upstream, tools: [] }, 'tools[0]', 'tools[0]: "web_search"'],
  ])('misses %s, unless a note says so', (_what, body, path, lost) => {
    const left = JSON.parse(JSON.stringify(body)) as typeof upstream;
    expect(unaccountedItems(sent, left, [])).toEqual([lost]);
    expect(unaccountedItems(sent, left, [{ path, action: 'dropped', reason: 'for a test' }])).toEqual([]);
  });

  it('misses a tool inside a namespace', () => {
    const left = { ...upstream, messages: ['Hello', 'one', 'space'] };
    expect(unaccountedItems(sent, left, [])).toEqual(['input[0].tools[0].tools[0]: "exec"']);
  });
});

describe('the accounting of a Gemini request', () => {
  const sent = {
    contents: [
      { role: 'user', parts: [{ text: 'Hello' }, { functionResponse: { name: 'f', response: { output: 'one' } } }] },
    ],
    tools: [{ functionDeclarations: [{ name: 'f', description: 'Does it' }] }],
    generationConfig: { topK: 64 },
  };
  const upstream = { messages: ['Hello', 'one', 'f', 'Does it', 'name', 'description'], top_k: 64 };

  it('is settled where everything is upstream', () => {
    expect(unaccountedContents(sent, upstream, [])).toEqual([]);
  });

  it('misses a text, a result, what tells of a tool, a setting and an unknown field', () => {
    expect(
      unaccountedContents({ ...sent, cachedContent: 'x' }, { messages: ['f', 'name', 'description'] }, []),
    ).toEqual(['cachedContent', 'topK', 'Hello', 'one', 'Does it']);
  });

  it('takes a note for a setting', () => {
    const { top_k: _topK, ...left } = upstream;
    expect(unaccountedContents(sent, left, [{ path: 'topK', action: 'dropped', reason: 'for a test' }])).toEqual([]);
  });
});
