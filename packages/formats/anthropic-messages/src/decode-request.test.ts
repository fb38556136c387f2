import { describe, expect, it } from '@jest/globals';
import { Notes, packReasoningState } from '@signalbox/kit';
import { decodeRequest, encode } from '../test/support.ts';

const MESSAGES = [{ role: 'user', content: 'hi' }];
const decode = (more: object) => decodeRequest({ model: 'm', max_tokens: 5, messages: MESSAGES, ...more });
const content = (...blocks: object[]) =>
  decode({ messages: [{ role: 'assistant', content: blocks }] }).messages[0]?.content;

describe('decodeRequest', () => {
  it.each([
    [{}, 'model: Field required'],
    [{ model: '' }, 'model: String should have at least 1 character'],
    [{ model: 'm' }, 'max_tokens: Field required'],
    [{ model: 'm', max_tokens: -1 }, 'max_tokens: Input should be greater than or equal to 0'],
    [{ model: 'm', max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    [{ model: 'm', max_tokens: 1 }, 'messages: Field required'],
    [{ model: 'm', max_tokens: 1, messages: [] }, 'messages: at least one message is required'],
    [{ model: 'm', max_tokens: 1, messages: [{ role: 'tool', content: '' }] }, /^messages\[0\]\.role: /],
    [{ model: 'm', max_tokens: 1, messages: [{ role: 'user' }] }, 'messages[0].content: Field required'],
    [
      { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text: Field required',
    ],
    [
      { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [{}] }] },
      'messages[0].content[0].type: Field required',
    ],
    [
      { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] },
      'messages[0].content[0].tool_use_id: Field required',
    ],
    [{ model: 'm', max_tokens: 1, messages: MESSAGES, tools: [{}] }, 'tools[0].name: Field required'],
    [{ model: 'm', max_tokens: 1, messages: MESSAGES, tool_choice: { type: 'x' } }, /^tool_choice\.type: /],
    [{ model: 'm', max_tokens: 1, messages: MESSAGES, thinking: { type: 'enabled' } }, /^thinking\.budget_tokens: /],
    [{ model: 'm', max_tokens: 1, messages: MESSAGES, temperature: '1' }, /^temperature: /],
  ])('F56 refuses %j with 400, naming the field', (body, message) => {
    expect(() => decodeRequest(body, 'chat')).toThrow(
      expect.objectContaining({
        code: 'INVALID_REQUEST',
        status: 400,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });

  it('F26 takes a token count without max_tokens and sends none either', () => {
    const counted = decodeRequest({ model: 'm', messages: MESSAGES }, 'count-tokens');
    expect(counted.maxOutputTokens).toBeUndefined();
    expect(encode(counted).body).not.toHaveProperty('max_tokens');
  });

  it('takes max_tokens 0, which only writes the cache', () => {
    expect(encode(decode({ max_tokens: 0 })).body.max_tokens).toBe(0);
  });

  it('takes strings for system, content and tool results', () => {
    const request = decode({
      system: 'be kind',
      messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'done' }] }],
    });
    expect(request.system).toEqual([{ type: 'text', text: 'be kind' }]);
    expect(request.messages[0]?.content[0]).toEqual({
      type: 'tool-result',
      callId: 'a',
      content: [{ type: 'text', text: 'done' }],
    });
  });

  it('F47 takes role system among the messages', () => {
    const messages = [...MESSAGES, { role: 'system', content: 'reminder' }];
    expect(decode({ messages }).messages[1]).toEqual({ role: 'system', content: [{ type: 'text', text: 'reminder' }] });
  });

  it('F73 gives genuine signatures the anthropic origin, unpacks packed ones and gives empty ones no state', () => {
    const packed = packReasoningState({ origin: 'deepseek', data: { a: 1 } });
    expect(
      content(
        { type: 'thinking', thinking: 't', signature: 'c2ln' },
        { type: 'thinking', thinking: 't', signature: packed },
        { type: 'thinking', thinking: 't', signature: '' },
        { type: 'redacted_thinking', data: 'ZGF0YQ==' },
        { type: 'redacted_thinking', data: packed },
      ),
    ).toEqual([
      { type: 'reasoning', text: 't', state: { origin: 'anthropic', data: 'c2ln' } },
      { type: 'reasoning', text: 't', state: { origin: 'deepseek', data: { a: 1 } } },
      { type: 'reasoning', text: 't' },
      { type: 'reasoning', text: '', state: { origin: 'anthropic', data: 'ZGF0YQ==' }, redacted: true },
      { type: 'reasoning', text: '', state: { origin: 'deepseek', data: { a: 1 } }, redacted: true },
    ]);
  });

  it('F42 keeps cache breakpoints canonical and what only this format knows beside them', () => {
    const block = { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h', scope: 'global' } };
    expect(content(block)).toEqual([
      {
        type: 'text',
        text: 'x',
        cacheControl: { ttl: '1h' },
        extensions: { 'anthropic-messages': { 'cacheControl.scope': 'global', $advice: ['cacheControl.scope'] } },
      },
    ]);
  });

  it.each(['container_upload', 'server_tool_use', 'web_search_tool_result', 'tool_reference', 'not_invented_yet'])(
    'keeps a %s block whole',
    (type) => {
      const value = { type, some: { field: 1 } };
      expect(content(value)).toEqual([{ type: 'opaque', format: 'anthropic-messages', value }]);
    },
  );

  it('F49 F51 takes images and documents of every source, also in tool results', () => {
    const sources = [
      { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' },
      { type: 'url', url: 'https://example.test/a.pdf' },
      { type: 'file', file_id: 'file_1' },
      { type: 'text', media_type: 'text/plain', data: 'words' },
      { type: 'content', content: [{ type: 'text', text: 'words' }] },
    ];
    const image = { type: 'image', source: { type: 'url', url: 'https://example.test/a.png' } };
    const result = { type: 'tool_result', tool_use_id: 'a', content: [image] };
    const blocks = [result, ...sources.map((source) => ({ type: 'document', source }))];
    const decoded = decode({ messages: [{ role: 'user', content: blocks }] }).messages[0]?.content;
    expect(decoded?.map((block) => (block.type === 'document' ? block.source.type : block.type))).toEqual([
      'tool-result',
      'base64',
      'url',
      'file',
      'text',
      'content',
    ]);
    expect(decoded?.[0]).toMatchObject({ content: [{ type: 'image', source: { type: 'url' } }] });
  });

  it('keeps a tool call that Claude Code could not parse', () => {
    const input = { __unparsedToolInput: { raw: '{"a":', len: 5 } };
    expect(content({ type: 'tool_use', id: 'a', name: 'Bash', input })).toMatchObject([{ type: 'tool-call', input }]);
  });

  it('keeps unknown fields of the body for this format alone', () => {
    expect(decode({ speed: 'fast', custom_field: 1 }).extensions).toEqual({
      'anthropic-messages': { speed: 'fast', custom_field: 1 },
    });
  });

  const left = (body: object): string[] => {
    const notes = new Notes();
    notes.foreignExtensions(decode(body).extensions, 'another', '');
    return notes.list.map(({ action, path }) => `${action} ${path}`);
  };

  it.each([
    [
      { context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } },
      'mapped context_management',
    ],
    [{ service_tier: 'standard_only' }, 'mapped service_tier'],
    [{ metadata: { user_id: 'u', team: 'a' } }, 'mapped metadata.team'],
    [{ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }, 'dropped context_management'],
    [{ context_management: { edits: [], odd: 1 } }, 'dropped context_management'],
    [{ context_management: { edits: [] } }, undefined],
    [{ thinking: { type: 'adaptive', depth: 3 } }, 'dropped thinking.depth'],
    [{ thinking: { type: 'between_tools' } }, 'dropped thinking.type'],
    [{ output_config: { effort: 'colossal' } }, 'dropped output_config.effort'],
    [{ output_config: { task_budget: { total: 5 } } }, 'dropped output_config.task_budget'],
    [{ tool_choice: { type: 'auto', odd: 1 } }, 'dropped tool_choice.odd'],
    [{ service_tier: 'auto' }, undefined],
  ])('names just what only this format has, and what of it is no loss: %j', (body, note) => {
    expect(left(body)).toEqual(note === undefined ? [] : [note]);
    const tools = [{ name: 'a', input_schema: { type: 'object', properties: {} } }];
    expect(encode(decode({ ...body, tools })).body).toMatchObject(body);
  });

  it('F60 F62 reads reasoning and the answer’s schema, also in the older spelling', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const now = decode({ thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh', format } });
    expect(now.reasoning).toEqual({ mode: 'adaptive', effort: 'xhigh' });
    expect(now.responseFormat).toEqual({ type: 'json-schema', schema: { type: 'object' } });
    expect(decode({ output_format: format }).responseFormat).toEqual(now.responseFormat);
    expect(decode({ thinking: { type: 'enabled', budget_tokens: 2048 } }).reasoning).toEqual({
      mode: 'budget',
      budgetTokens: 2048,
    });
  });

  it('F65 reads tool choice and parallel calls', () => {
    const choice = decode({ tool_choice: { type: 'any', disable_parallel_tool_use: true } });
    expect([choice.toolChoice, choice.parallelToolCalls]).toEqual([{ type: 'required' }, false]);
  });

  it('F91 keeps server tools whole and custom ones canonical', () => {
    const server = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 };
    const custom = { name: 'a', input_schema: { type: 'object' }, defer_loading: true };
    expect(decode({ tools: [server, custom] }).tools).toEqual([
      {
        type: 'opaque',
        format: 'anthropic-messages',
        name: 'web_search',
        value: server,
        webSearch: { maxUses: 2 },
      },
      {
        type: 'function',
        name: 'a',
        inputSchema: { type: 'object' },
        // The others get the tool itself.
        extensions: { 'anthropic-messages': { defer_loading: true, $advice: ['defer_loading'] } },
      },
    ]);
  });
});
