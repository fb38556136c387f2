import { describe, expect, it } from '@jest/globals';
import { type JsonObject, Notes, type OpaqueTool, type WebSearch } from '@signalbox/kit';
import { testRequest, testTarget } from '../test/context.ts';
import type { Dialect } from './dialect.ts';
import { openaiChat } from './format.ts';

const body = (more: JsonObject): JsonObject => ({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more });
const decode = (more: JsonObject) => openaiChat.decodeRequest(body(more), { headers: {}, notes: new Notes() });
const foreign = (webSearch: WebSearch): OpaqueTool => ({
  type: 'opaque',
  format: 'another',
  name: 'search',
  value: {},
  webSearch,
});
const encode = (request: ReturnType<typeof decode>, dialect: Partial<Dialect> = {}) => {
  const target = testTarget({ model: 'm' });
  const wire = openaiChat.with(dialect).encodeRequest(request, target);
  return { wire, notes: target.notes.list.map(({ path, action }) => `${action} ${path}`) };
};
const ALL: WebSearch = {
  maxUses: 2,
  maxResults: 3,
  contextSize: 'high',
  allowedDomains: ['a'],
  userLocation: { city: 'Oslo' },
};
const place = { user_location: { type: 'approximate', city: 'Oslo' } };
const look = { type: 'function', name: 'look' } as const;

describe('F91 a Chat client’s web search', () => {
  it.each<[JsonObject, WebSearch]>([
    [
      {
        web_search_options: {
          search_context_size: 'low',
          user_location: { type: 'approximate', approximate: { city: 'Oslo' } },
        },
      },
      { contextSize: 'low', userLocation: { city: 'Oslo' } },
    ],
    [
      {
        plugins: [
          { id: 'x' },
          { id: 'web', max_results: 3, max_uses: 2, exclude_domains: ['b'], engine: 'exa' },
          { id: 'y' },
        ],
      },
      { maxResults: 3, maxUses: 2, blockedDomains: ['b'], others: ['engine'] },
    ],
    [
      { tools: [{ type: 'openrouter:web_search', parameters: { allowed_domains: ['a'], max_results: 1, ...place } }] },
      { maxResults: 1, allowedDomains: ['a'], userLocation: { city: 'Oslo' } },
    ],
    [{ tools: [{ type: 'web_search_2025_08_26', filters: { allowed_domains: ['a'] } }] }, { allowedDomains: ['a'] }],
  ])('%j is read, and written as it was', (asked, search) => {
    const request = decode(asked);
    expect(request.tools).toMatchObject([{ type: 'opaque', webSearch: search }]);
    expect(encode(request)).toEqual({ wire: body(asked), notes: [] });
    const elsewhere = encode(request, { parameters: [] });
    expect(elsewhere.wire).toEqual(body({}));
    const [field] = Object.keys(asked);
    const lost = field === 'tools' ? 'dropped tools[0]' : `dropped ${field}`;
    expect(elsewhere.notes).toContain(lost);
  });

  it('is none where it is switched off', () => {
    const plugins = [{ id: 'web', enabled: false }];
    expect(decode({ plugins }).tools).toEqual([]);
    expect(encode(decode({ plugins })).wire).toEqual(body({ plugins }));
  });
});

describe('F91 another format’s web search', () => {
  it('is an option of models that search', () => {
    const request = testRequest({ tools: [foreign(ALL)], toolChoice: { type: 'tool', name: 'search' } });
    const { wire, notes } = encode(request, { webSearch: 'web_search_options' });
    expect(wire.web_search_options).toEqual({
      search_context_size: 'high',
      user_location: { type: 'approximate', approximate: { city: 'Oslo' } },
    });
    expect([wire.tools, wire.tool_choice]).toEqual([undefined, undefined]);
    expect(notes).toEqual([
      'mapped tools[0]',
      'dropped tools[0].maxUses',
      'dropped tools[0].maxResults',
      'dropped tools[0].allowedDomains',
      'mapped toolChoice',
    ]);
  });

  it('is OpenRouter’s tool, and its plugin where it is forced, beside other plugins', () => {
    const offered = encode(testRequest({ tools: [look, foreign(ALL)], toolChoice: { type: 'required' } }), {
      webSearch: 'openrouter',
    });
    expect(offered.wire.tools).toMatchObject([
      { function: { name: 'look' } },
      {
        type: 'openrouter:web_search',
        parameters: { max_results: 3, search_context_size: 'high', allowed_domains: ['a'], ...place },
      },
    ]);
    expect(offered.wire.tool_choice).toBe('required');
    expect(offered.notes).toEqual(['mapped tools[1]', 'dropped tools[1].maxUses']);
    const extensions = { 'openai-chat': { plugins: [{ id: 'x' }] } };
    const forced = encode(testRequest({ tools: [foreign(ALL)], toolChoice: { type: 'required' }, extensions }), {
      webSearch: 'openrouter',
    });
    expect(forced.wire.plugins).toEqual([
      { id: 'x' },
      { id: 'web', max_uses: 2, max_results: 3, include_domains: ['a'], ...place },
    ]);
    expect([forced.wire.tools, forced.wire.tool_choice]).toEqual([undefined, undefined]);
    expect(forced.notes).toEqual(['mapped tools[0]', 'dropped tools[0].contextSize', 'mapped toolChoice']);
  });

  it('is asked for once, and not where no tool may be called', () => {
    const dialect = { webSearch: 'web_search_options' } as const;
    const twice = encode(testRequest({ tools: [foreign({}), foreign({})] }), dialect);
    expect(twice.wire.web_search_options).toEqual({});
    expect(twice.notes).toEqual(['mapped tools[0]', 'dropped tools[1]']);
    for (const toolChoice of [{ type: 'none' }, { type: 'allowed', mode: 'auto', names: ['look'] }] as const) {
      const barred = encode(testRequest({ tools: [look, foreign({})], toolChoice }), dialect);
      expect(barred.wire).not.toHaveProperty('web_search_options');
      expect(barred.notes).toContain('dropped tools[1]');
    }
  });
});
