import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';
import { encode } from '../test/support.ts';
import { gemini, vertexDialect } from './index.ts';

const PRO25 = { model: 'gemini-2.5-pro' };
const tool = (name: string, more: object = {}) => ({ type: 'function' as const, name, ...more });

describe('tools', () => {
  const search = {
    type: 'opaque' as const,
    format: 'anthropic-messages',
    name: 'web_search',
    value: { type: 'web_search_20250305', name: 'web_search', max_uses: 5 },
    webSearch: { maxUses: 5 },
  };

  it('F91 web search of other formats is Google’s, with the choice that names it', () => {
    const { body, notes } = encode(
      userRequest('m', { tools: [search], toolChoice: { type: 'tool', name: 'web_search' } }),
    );
    expect(body.tools).toEqual([{ googleSearch: {} }]);
    expect(body.toolConfig).toBeUndefined();
    expect(notes).toEqual(['mapped tools[0]', 'dropped tools[0].maxUses', 'dropped toolChoice']);
    const twice = encode(userRequest('m', { tools: [search, { ...search, webSearch: {} }] }));
    expect(twice.body.tools).toEqual([{ googleSearch: {} }]);
    const { webSearch: _, ...bash } = { ...search, value: { type: 'bash_20250124' } };
    const others = encode(userRequest('m', { tools: [bash] }));
    expect(others.notes).toEqual(['dropped tools[0]']);
    expect(others.body.tools).toBeUndefined();
  });

  it('F91 beside functions it needs a newer model, and its switches', () => {
    const request = userRequest('m', { tools: [tool('f'), search] });
    expect(encode(request).body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }],
      toolConfig: { includeServerSideToolInvocations: true, functionCallingConfig: { mode: 'VALIDATED' } },
    });
    expect(encode(request, {}, gemini.with(vertexDialect)).body.toolConfig).toEqual({
      functionCallingConfig: { mode: 'VALIDATED' },
    });
    const older = encode(request, PRO25);
    expect(older.body.tools).toEqual([{ functionDeclarations: [{ name: 'f' }] }]);
    expect(older.notes).toContain('dropped tools');
  });

  it.each<[ChatRequest['toolChoice'], JsonObject | undefined]>([
    [undefined, undefined],
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [{ type: 'tool', name: 'gone' }, undefined],
    [
      { type: 'allowed', mode: 'auto', names: ['f', 'gone'] },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed', mode: 'required', names: ['f', 'g'] },
      { mode: 'ANY', allowedFunctionNames: ['f', 'g'] },
    ],
  ])('F65 the choice %j is %j', (toolChoice, calling) => {
    const tools = [tool('f'), tool('g')];
    const { body } = encode(userRequest('m', { tools, ...(toolChoice === undefined ? {} : { toolChoice }) }));
    expect(body.toolConfig).toEqual(calling === undefined ? undefined : { functionCallingConfig: calling });
  });

  it('F65 what cannot be said about calls is noted, and strict tools are checked', () => {
    const { body, notes } = encode(
      userRequest('m', { tools: [tool('f', { strict: true })], parallelToolCalls: false }),
    );
    expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: 'VALIDATED' } });
    expect(notes).toEqual(['dropped parallelToolCalls']);
  });

  it('F81 what only informs is not lost in a description', () => {
    const inputSchema = { type: 'object', properties: { url: { type: 'string', format: 'uri' } } };
    const { body, notes } = encode(userRequest('m', { tools: [tool('f', { inputSchema })] }));
    expect(notes).toEqual(['mapped tools[0].inputSchema']);
    expect(JSON.stringify(body.tools)).toContain('"description":"(format: uri)"');
  });

  it('F81 each keyword that is lost is noted at every tool, and a function without arguments has no parameters', () => {
    const inputSchema = { type: 'object', properties: { a: { type: 'string', pattern: 'x', not: {} } }, $schema: 'y' };
    const { body, notes } = encode(
      userRequest('m', {
        tools: [
          tool('f', { inputSchema }),
          tool('g', { inputSchema }),
          tool('h', { inputSchema: { type: 'object', properties: {} } }),
        ],
      }),
    );
    expect(notes).toEqual(['approximated tools[0].inputSchema', 'approximated tools[1].inputSchema']);
    const [{ functionDeclarations }] = body.tools as [{ functionDeclarations: JsonObject[] }];
    expect(functionDeclarations[2]).toEqual({ name: 'h' });
  });
});
