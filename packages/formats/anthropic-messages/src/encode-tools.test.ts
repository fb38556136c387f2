import { describe, expect, it } from '@jest/globals';
import { type ChatRequest, type FunctionTool, ToolNames } from '@signalbox/kit';
import { encode, request } from '../test/support.ts';

const tool = (name: string, more: Partial<FunctionTool> = {}): FunctionTool => ({
  type: 'function',
  name,
  inputSchema: { type: 'object', properties: {} },
  ...more,
});
const sent = (more: Partial<ChatRequest>, model = 'some-model') =>
  encode(request({ tools: [tool('a'), tool('b')], ...more }), { model });

describe('tools', () => {
  it('gives a tool without a schema an empty one', () => {
    const { body } = sent({ tools: [{ type: 'function', name: 'a' }] });
    expect(body.tools).toEqual([{ name: 'a', input_schema: { type: 'object', properties: {} } }]);
  });

  it('keeps description, strictness and breakpoints', () => {
    const closed = { type: 'object', properties: {}, additionalProperties: false };
    const { body, notes } = sent({
      tools: [tool('a', { description: 'd', inputSchema: closed, strict: true, cacheControl: { ttl: '1h' } })],
    });
    expect(body.tools).toEqual([
      {
        name: 'a',
        description: 'd',
        input_schema: closed,
        strict: true,
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
    ]);
    expect(notes).toEqual([]);
  });

  it('F58 aliases illegal and long names in tools, history and choice alike', () => {
    const toolNames = new ToolNames();
    const name = 'mcp.server/über';
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'i', name, input: {} }] },
      { role: 'user', content: [{ type: 'tool-result', callId: 'i', content: [] }] },
    ];
    const from = request({ messages, tools: [tool(name)], toolChoice: { type: 'tool', name } });
    const { body } = encode(from, { toolNames });
    const alias = (body.tools as { name: string }[])[0]?.name ?? '';
    expect(alias).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(body.tool_choice).toEqual({ type: 'tool', name: alias });
    expect(JSON.stringify(body.messages)).toContain(`"name":"${alias}"`);
    expect(toolNames.original(alias)).toBe(name);
  });

  it('F91 drops tools of other formats, and the choice that names one', () => {
    const foreign = { type: 'opaque', format: 'openai-chat', name: 'web', value: { type: 'web' } } as const;
    const { body, notes } = sent({ tools: [tool('a'), foreign], toolChoice: { type: 'tool', name: 'web' } });
    expect(body.tools).toHaveLength(1);
    expect(body).not.toHaveProperty('tool_choice');
    expect(notes).toEqual(['tools[1] dropped', 'toolChoice dropped']);
  });

  it('gives calls of a history without tools their definitions, for older servers', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'i', name: 'old', input: {} }] },
      { role: 'user', content: [{ type: 'tool-result', callId: 'i', content: [] }] },
    ];
    const { body, notes } = sent({ tools: [], messages });
    expect(body.tools).toEqual([{ name: 'old', input_schema: { type: 'object', properties: {} } }]);
    expect(body.tool_choice).toEqual({ type: 'none' });
    expect(notes).toEqual(['tools approximated']);
  });
});

describe('tool choice', () => {
  it.each([
    [{ type: 'auto' }, undefined, { type: 'auto' }],
    [{ type: 'required' }, undefined, { type: 'any' }],
    [{ type: 'none' }, false, { type: 'none' }],
    [{ type: 'tool', name: 'b' }, true, { type: 'tool', name: 'b', disable_parallel_tool_use: false }],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, true, undefined],
  ] as const)('F65 maps %j with parallel calls %p', (toolChoice, parallelToolCalls, expected) => {
    const { body } = sent({
      ...(toolChoice === undefined ? {} : { toolChoice }),
      ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
    });
    expect(body.tool_choice).toEqual(expected);
  });

  it('F65 sends only the allowed tools', () => {
    const { body, notes } = sent({ toolChoice: { type: 'allowed', mode: 'required', names: ['b'] } });
    expect(body.tools).toMatchObject([{ name: 'b' }]);
    expect(body.tool_choice).toEqual({ type: 'any' });
    expect(notes).toEqual(['toolChoice mapped']);
  });

  it('is dropped without tools', () => {
    const { body, notes } = sent({ tools: [], toolChoice: { type: 'required' } });
    expect(body).not.toHaveProperty('tool_choice');
    expect(notes).toEqual(['toolChoice dropped']);
  });

  it('F72 is left to models that cannot be forced, and to manual thinking', () => {
    const bound = sent({ toolChoice: { type: 'required' } }, 'claude-opus-5-5');
    expect([bound.body.tool_choice, bound.notes]).toEqual([{ type: 'auto' }, ['toolChoice approximated']]);
    const manual = sent({
      toolChoice: { type: 'tool', name: 'a' },
      reasoning: { mode: 'budget', budgetTokens: 2000 },
      maxOutputTokens: 9000,
    });
    expect([manual.body.tool_choice, manual.notes]).toEqual([{ type: 'auto' }, ['toolChoice approximated']]);
  });
});
