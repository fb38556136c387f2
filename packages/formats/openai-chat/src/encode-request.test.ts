import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest, JsonObject, Message, TargetContext } from '@signalbox/kit';
import { testRequest, testTarget } from '../test/context.ts';
import { compatibleDialect, type DialectOptions } from './dialect.ts';
import { openaiChat } from './format.ts';

function encode(request: Partial<ChatRequest>, dialect: DialectOptions = {}, options: Partial<TargetContext> = {}) {
  const target = testTarget(options);
  const body = openaiChat.with(dialect).encodeRequest(testRequest(request), target);
  return { body, messages: body.messages as JsonObject[], notes: target.notes.list, target };
}

const calls = (message: JsonObject | undefined) => (message?.tool_calls ?? []) as JsonObject[];
const functionOf = (sent: JsonObject | undefined) => (sent?.function ?? {}) as JsonObject;
const text = (value: string) => ({ type: 'text', text: value }) as const;
const user = (...content: Block[]): Message => ({ role: 'user', content });
const assistant = (...content: Block[]): Message => ({ role: 'assistant', content });
const call = (id: string, name = 'Read') => ({ type: 'tool-call', id, name, input: { id } }) as const;
const result = (callId: string, ...content: Block[]) => ({ type: 'tool-result', callId, content }) as const;
const png = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBO' } } as const;
const thought = (value: string, origin?: string, data: JsonObject | JsonObject[] = {}) =>
  ({ type: 'reasoning', text: value, ...(origin === undefined ? {} : { state: { origin, data } }) }) as const;
const tool = { type: 'function', name: 'Read', inputSchema: { type: 'object', properties: {} } } as const;
const webSearch = {
  type: 'opaque',
  format: 'anthropic-messages',
  name: 'web_search',
  value: { type: 'web_search_20250305' },
} as const;

/** As provider plugins write theirs. */
const deepseek = {
  ...compatibleDialect,
  reasoningReplay: 'always',
  thinking: 'thinking',
  efforts: { minimal: 'low', low: 'low', medium: 'high', high: 'high', xhigh: 'high', max: 'max' },
  responseFormat: 'json_object',
  maxStopSequences: 16,
} as const;
const openrouter = {
  reasoningField: 'reasoning_details',
  thinking: 'reasoning',
  effortField: 'reasoning',
  budgetField: 'reasoning',
  cacheControl: true,
  maxTokensField: 'max_tokens',
} as const;

describe('system messages', () => {
  it('F48 joins the system blocks to one string, without the billing header', () => {
    const system = [text('x-anthropic-billing-header: cc_version=1; cch=abc;'), text('One.'), text(' '), text('Two.')];
    const { messages, notes } = encode({ system });
    expect(messages[0]).toEqual({ role: 'system', content: 'One.\n\nTwo.' });
    expect(notes).toMatchObject([{ path: 'system[0]', action: 'mapped' }]);
  });

  it('F48 does not take a whole prompt for the billing header because it begins with one', () => {
    const prompt = 'x-anthropic-billing-header: cc_version=1; cch=abc;\nYou are helpful.';
    const { messages, notes } = encode({ system: [text(prompt)] });
    expect(messages[0]).toEqual({ role: 'system', content: prompt });
    expect(notes).toEqual([]);
  });

  it('F47 keeps a system message in its place, behind the results it came before, or folds it', () => {
    const messages = [
      user(text('a')),
      assistant(call('c1')),
      { role: 'system', content: [text('Mind.')] } as const,
      user(result('c1', text('r')), text('b')),
    ];
    expect(encode({ messages }).messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'system',
      'user',
    ]);
    const folded = encode({ messages }, { midSystem: 'fold' });
    expect(folded.messages[3]).toEqual({ role: 'user', content: '<system-reminder>\nMind.\n</system-reminder>' });
    expect(folded.notes).toMatchObject([{ action: 'approximated' }]);
  });

  it('F42 F44 keeps cache breakpoints where the dialect has them, and notes their loss once elsewhere', () => {
    const request = {
      system: [{ ...text('One.'), cacheControl: { ttl: '1h' } } as const, text('Two.')],
      messages: [user({ ...text('a'), cacheControl: {} })],
      tools: [{ ...tool, cacheControl: {} }],
    };
    const kept = encode(request, openrouter);
    expect(kept.messages).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'One.', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'text', text: 'Two.' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }] },
    ]);
    expect(kept.body.tools).toMatchObject([{ cache_control: { type: 'ephemeral' } }]);
    const stripped = encode(request);
    expect(JSON.stringify(stripped.body)).not.toContain('cache_control');
    expect(stripped.notes).toHaveLength(1);
  });
});

describe('tool results', () => {
  it('come in the order of the calls, then the rest as one user message', () => {
    const messages = [
      user(text('a')),
      assistant(call('c1'), call('c2')),
      user(result('c2', text('two')), text('go on'), result('c1', text('one'), text('more'))),
    ];
    expect(encode({ messages }).messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'c1', content: 'one\nmore' },
      { role: 'tool', tool_call_id: 'c2', content: 'two' },
      { role: 'user', content: 'go on' },
    ]);
  });

  it('F49 hands images on in a user message after all results, each named on both sides', () => {
    const messages = [
      user(text('a')),
      assistant(call('c1'), call('c2')),
      user(result('c1', text('shot'), png), result('c2', png)),
    ];
    const { messages: wire, notes } = encode({ messages });
    expect(wire.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'c1', content: 'shot\n[image 1 attached below]' },
      { role: 'tool', tool_call_id: 'c2', content: '[image 2 attached below]' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '[image 1, from the result of tool call c1]' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
          { type: 'text', text: '[image 2, from the result of tool call c2]' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
        ],
      },
    ]);
    expect(notes).toMatchObject([{ action: 'mapped' }]);
    const blind = encode({ messages }, { images: false });
    expect(JSON.stringify(blind.body)).not.toContain('image_url');
    expect(blind.notes.map(({ action }) => action)).toEqual(['dropped', 'dropped']);
  });

  it('F54 F56 answers what has no result, and keeps a result that has no call', () => {
    const messages = [
      user(text('a')),
      assistant(call('c1'), call('c2')),
      user(result('', text('by order')), result('zz', text('orphan'))),
    ];
    const { messages: wire, notes } = encode({ messages });
    expect(wire.slice(2)).toMatchObject([
      { role: 'tool', tool_call_id: 'c1', content: 'by order' },
      { role: 'tool', tool_call_id: 'c2', content: 'Error: no result' },
      { role: 'user', content: [{ text: '[Result of tool call zz]' }, { text: 'orphan' }] },
    ]);
    expect(notes).toHaveLength(2);
  });

  it('F54 answers the calls of a last, interrupted turn too', () => {
    expect(
      encode({
        messages: [user(text('a')), assistant(call('c1')), assistant(text('b')), user(text('c'))],
      }).messages.map(({ role }) => role),
    ).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
  });

  it('say that they are errors, once, and never are empty', () => {
    const failed = { ...result('c1', text('boom')), isError: true };
    const said = { ...result('c2', text('<tool_use_error>boom</tool_use_error>')), isError: true };
    const messages = [user(text('a')), assistant(call('c1'), call('c2'), call('c3')), user(failed, said, result('c3'))];
    expect(
      encode({ messages })
        .messages.slice(2)
        .map(({ content }) => content),
    ).toEqual(['Error: boom', '<tool_use_error>boom</tool_use_error>', '(no output)']);
  });

  it('F58 map ids that the provider refuses on call and result alike, and names with them', () => {
    const messages = [
      user(text('a')),
      assistant(call('functions.Read:0', 'mcp.read')),
      user(result('functions.Read:0', text('r'))),
    ];
    const { messages: wire, target } = encode(
      { messages },
      { toolCallIds: { legal: /^[A-Za-z0-9]{9}$/, hashLength: 9 } },
    );
    const [sent] = calls(wire[1]);
    expect(sent?.id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(wire[2]?.tool_call_id).toBe(sent?.id);
    expect(target.toolNames.original(functionOf(sent).name as string)).toBe('mcp.read');
    expect(encode({ messages }).messages[2]?.tool_call_id).toBe('functions.Read:0');
  });

  it('give a target of this format their name and other fields back; others are told what they lose', () => {
    const body: JsonObject = {
      model: 'm',
      messages: [
        { role: 'user', content: 'Go.' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'Read', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'done', name: 'Read', vendor_flag: true },
        { role: 'tool', tool_call_id: 'c0', content: 'orphan', name: 'Old' },
      ],
    };
    const request = openaiChat.decodeRequest(body, { headers: {}, notes: testTarget().notes });
    const kept = encode(request);
    expect(kept.messages[2]).toEqual({
      role: 'tool',
      tool_call_id: 'c1',
      content: 'done',
      name: 'Read',
      vendor_flag: true,
    });
    expect(kept.notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'approximated messages[2].content[1]',
      'dropped messages[2].content[1].name',
    ]);
    const lost = encode(request, compatibleDialect);
    expect(lost.messages[2]).toEqual({ role: 'tool', tool_call_id: 'c1', content: 'done' });
    expect(lost.notes.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([
        'the provider takes no name on messages',
        'the provider takes no vendor_flag on messages',
      ]),
    );
    // The name is the call's own where the provider wants one.
    expect(encode(request, { ...compatibleDialect, toolMessageNames: true }).messages[2]?.name).toBe('Read');
  });

  it('are kept apart from user text where a model needs that, with the tool’s name', () => {
    const messages = [user(text('a')), assistant(call('c1')), user(result('c1', text('r')), text('b'))];
    const { messages: wire } = encode({ messages }, { userAfterTool: false, toolMessageNames: true });
    expect(wire.slice(2)).toMatchObject([
      { role: 'tool', name: 'Read' },
      { role: 'assistant' },
      { role: 'user', content: 'b' },
    ]);
  });
});

describe('assistant messages', () => {
  it('F52 leaves blank text out, and says content in the dialect’s way', () => {
    const messages = [user(text('a')), assistant(text('\n'), call('c1')), user(result('c1', text('r')))];
    expect(encode({ messages }).messages[1]).toMatchObject({ content: null });
    expect(encode({ messages }, deepseek).messages[1]).toMatchObject({ content: '' });
    expect(encode({ messages: [user(text(' '), text('b'))] }).messages).toEqual([{ role: 'user', content: 'b' }]);
  });

  it('joins text that calls came between, and says where order is lost', () => {
    const messages = [
      user(text('a')),
      assistant(text('One'), text(' and'), call('c1'), text('two')),
      user(result('c1', text('r'))),
    ];
    const { messages: wire, notes } = encode({ messages });
    expect(wire[1]).toMatchObject({ content: 'One and\n\ntwo' });
    expect(notes).toMatchObject([{ path: 'messages[1].content[3]', action: 'approximated' }]);
    expect(
      encode({ messages: [user(text('a')), assistant(text('One'), call('c1')), user(result('c1', text('r')))] }).notes,
    ).toEqual([]);
  });

  it('sends arguments as received, and {} for none', () => {
    const raw = { ...call('c1'), rawInput: '{ "a" : 1' };
    const none = { ...call('c2'), rawInput: '' };
    const { messages } = encode({
      messages: [user(text('a')), assistant(raw, none), user(result('c1', text('r')), result('c2', text('r')))],
    });
    expect(calls(messages[1]).map((sent) => functionOf(sent).arguments)).toEqual(['{ "a" : 1', '{}']);
  });

  it('continues a last assistant message as the dialect can', () => {
    const messages = [user(text('a')), assistant(text('{'))];
    expect(encode({ messages }, { prefill: 'prefix' }).messages.at(-1)).toEqual({
      role: 'assistant',
      content: '{',
      prefix: true,
    });
    expect(encode({ messages }, { prefill: 'continue_final_message' }).body).toMatchObject({
      continue_final_message: true,
      add_generation_prompt: false,
    });
    const asked = encode({ messages });
    expect(asked.messages.at(-1)?.role).toBe('user');
    expect(asked.notes).toMatchObject([{ path: 'messages[1]', action: 'approximated' }]);
  });
});

describe('reasoning in the history', () => {
  const messages = [
    user(text('a')),
    assistant(thought('mine', 'deepseek'), thought('theirs', 'anthropic'), text('b')),
    user(text('c')),
    assistant(text('d')),
    user(text('e')),
  ];

  it('F70 goes on every assistant message while DeepSeek thinks, "" where nothing is known', () => {
    const on = encode({ messages, reasoning: { mode: 'adaptive' } }, deepseek, { reasoningOrigin: 'deepseek' });
    expect([on.messages[1]?.reasoning_content, on.messages[3]?.reasoning_content]).toEqual(['mine', '']);
    expect(on.notes).toMatchObject([{ path: 'messages[1].content[1]', action: 'dropped' }]);
    const off = encode({ messages, reasoning: { mode: 'disabled' } }, deepseek, { reasoningOrigin: 'deepseek' });
    expect(JSON.stringify(off.body)).not.toContain('reasoning_content');
    expect(off.notes).toHaveLength(1);
  });

  it('F73 of others leaves DeepSeek an empty text, and Kimi one that it does not take for none', () => {
    const history = [
      user(text('a')),
      assistant(thought('theirs', 'anthropic'), call('c')),
      user({ type: 'tool-result', callId: 'c', content: [] }),
    ];
    for (const [dialect, expected] of [
      [deepseek, ''],
      [{ ...deepseek, noReasoning: ' ' }, ' '],
    ] as const) {
      const reasoning = { mode: 'adaptive' } as const;
      const { messages: wire, notes } = encode({ messages: history, reasoning }, dialect, {
        reasoningOrigin: 'deepseek',
      });
      expect(wire[1]?.reasoning_content).toBe(expected);
      expect(notes).toMatchObject([{ path: 'messages[1].content[0]', action: 'dropped' }]);
    }
  });

  it('F73 goes to its own origin only, elsewhere', () => {
    const own = encode({ messages }, { reasoningField: 'reasoning' }, { reasoningOrigin: 'deepseek' });
    expect(own.messages[1]).toMatchObject({ reasoning: 'mine' });
    expect(own.notes).toMatchObject([{ action: 'dropped' }]);
    const never = encode({ messages }, { reasoningField: 'none' });
    expect(never.messages[1]).toEqual({ role: 'assistant', content: 'b' });
    expect(never.notes).toHaveLength(1);
  });

  it('F75 gives OpenRouter its details back whole and in order, plain text without them', () => {
    const details = [
      { type: 'reasoning.text', text: 'x', signature: 's', index: 0 },
      { type: 'reasoning.encrypted', data: 'e', index: 1 },
    ];
    const history = [
      user(text('a')),
      assistant(thought('x', 'openrouter', details), text('b')),
      user(text('c')),
      assistant(thought('plain'), text('d')),
      user(text('e')),
    ];
    const { messages: wire } = encode({ messages: history }, openrouter);
    expect(wire[1]).toEqual({ role: 'assistant', content: 'b', reasoning_details: details });
    expect(wire[3]).toEqual({ role: 'assistant', content: 'd', reasoning: 'plain' });
  });

  it('stands before the text as a part for Mistral', () => {
    const { messages: wire } = encode(
      { messages },
      { reasoningField: 'thinking-part' },
      { reasoningOrigin: 'deepseek' },
    );
    expect(wire[1]?.content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: 'mine' }] },
      { type: 'text', text: 'b' },
    ]);
  });
});

describe('reasoning options', () => {
  const options = (
    reasoning: ChatRequest['reasoning'],
    dialect: DialectOptions,
    request: Partial<ChatRequest> = {},
  ) => {
    const { body, notes } = encode({ ...(reasoning === undefined ? {} : { reasoning }), ...request }, dialect);
    const { model: _, messages: __, tools: ___, ...fields } = body;
    return { fields, actions: notes.map(({ action }) => action) };
  };

  it.each([
    ['effort', { mode: 'adaptive', effort: 'xhigh' }, {}, { reasoning_effort: 'xhigh' }, []],
    ['off', { mode: 'disabled' }, {}, { reasoning_effort: 'none' }, []],
    ['a budget', { mode: 'budget', budgetTokens: 8_000 }, {}, { reasoning_effort: 'medium' }, ['approximated']],
    [
      'effort at DeepSeek',
      { mode: 'adaptive', effort: 'medium' },
      deepseek,
      { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
      ['approximated'],
    ],
    ['off at DeepSeek', { mode: 'disabled' }, deepseek, { thinking: { type: 'disabled' } }, []],
    ['off where it cannot be', { mode: 'disabled' }, { effortField: 'none', alwaysThinks: true }, {}, ['dropped']],
    [
      'off at DeepSeek, with an effort',
      { mode: 'disabled', effort: 'low' },
      deepseek,
      { thinking: { type: 'disabled' } },
      ['dropped'],
    ],
    [
      'off at DeepSeek, with the effort that all answers get',
      { mode: 'disabled', effort: 'high' },
      deepseek,
      { thinking: { type: 'disabled' } },
      [],
    ],
    ['effort to a model that does not reason', { effort: 'high' }, { effortField: 'none' }, {}, ['dropped']],
    ['reasoning to a model that does not reason', { mode: 'adaptive' }, { effortField: 'none' }, {}, ['dropped']],
    ['off to a model that does not reason', { mode: 'disabled' }, { effortField: 'none' }, {}, []],
    [
      'hidden to a model that does not reason',
      { mode: 'disabled', display: 'omitted' },
      { effortField: 'none' },
      {},
      [],
    ],
    ['effort none at DeepSeek', { effort: 'none' }, deepseek, { thinking: { type: 'disabled' } }, []],
    [
      'nothing at DeepSeek',
      undefined,
      { ...deepseek, thinkingUnsaid: 'disabled' },
      { thinking: { type: 'disabled' } },
      [],
    ],
    [
      'a budget at OpenRouter',
      { mode: 'budget', budgetTokens: 8_000 },
      openrouter,
      { reasoning: { max_tokens: 8_000 } },
      [],
    ],
    ['adaptive at OpenRouter', { mode: 'adaptive' }, openrouter, { reasoning: { enabled: true } }, []],
    ['off at OpenRouter', { mode: 'disabled' }, openrouter, { reasoning: { effort: 'none' } }, []],
    [
      'hidden at OpenRouter',
      { effort: 'low', display: 'omitted' },
      openrouter,
      { reasoning: { effort: 'low', exclude: true } },
      [],
    ],
    [
      'a budget at Qwen',
      { mode: 'budget', budgetTokens: 9 },
      { thinking: 'enable_thinking', budgetField: 'thinking_budget', effortField: 'none' },
      { enable_thinking: true, thinking_budget: 9 },
      [],
    ],
    [
      'GLM, which keeps old reasoning',
      { mode: 'adaptive' },
      { thinking: 'thinking', thinkingOptions: { clear_thinking: false }, effortField: 'none' },
      { thinking: { type: 'enabled', clear_thinking: false } },
      [],
    ],
  ] as const)('F60 says %s', (_, reasoning, dialect, fields, actions) => {
    expect(options(reasoning, dialect as DialectOptions)).toEqual({ fields, actions: [...actions] });
  });

  const leftovers = { 'thinking.clear_thinking': false, 'reasoning.summary': 'auto' };

  it.each([
    ['a switch of that name, nothing said', { thinking: 'thinking' }, {}, { thinking: { clear_thinking: false } }],
    [
      'a switch of that name, thinking on',
      { thinking: 'thinking' },
      { mode: 'adaptive' },
      { thinking: { type: 'enabled', clear_thinking: false } },
    ],
    ['OpenRouter’s object', openrouter, {}, { reasoning: { summary: 'auto' } }],
    ['no switch', {}, {}, {}],
    ['no switch and a short list of fields', compatibleDialect, { effort: 'low' }, { reasoning_effort: 'low' }],
  ] as const)(
    'keeps what a switch holds beside its state for %s, and notes the rest',
    (_, dialect, reasoning, fields) => {
      const { body, notes } = encode({ reasoning, extensions: { 'openai-chat': leftovers } }, dialect);
      const sent = Object.fromEntries(
        Object.entries(body).filter(([key]) => ['thinking', 'reasoning', 'reasoning_effort'].includes(key)),
      );
      expect(sent).toEqual(fields);
      expect(notes.map(({ path }) => path).sort()).toEqual(
        ['reasoning.summary', 'thinking.clear_thinking'].filter((path) => !((path.split('.')[0] ?? '') in fields)),
      );
    },
  );

  it('keeps template arguments of a client that says nothing about thinking', () => {
    const kwargs = { chat_template_kwargs: { custom: 1 } };
    const { body, notes } = encode({ extensions: { 'openai-chat': kwargs } }, { thinking: 'chat_template_kwargs' });
    expect([body.chat_template_kwargs, notes]).toEqual([{ custom: 1 }, []]);
  });

  it('switches reasoning off beside tools where a model refuses both, even unasked', () => {
    const dialect = { toolsExcludeReasoning: true };
    expect(options({ effort: 'high' }, dialect, { tools: [tool] })).toEqual({
      fields: { reasoning_effort: 'none' },
      actions: ['dropped'],
    });
    expect(options(undefined, dialect, { tools: [tool] })).toEqual({
      fields: { reasoning_effort: 'none' },
      actions: [],
    });
    expect(options({ effort: 'high' }, dialect).fields).toEqual({ reasoning_effort: 'high' });
  });
});

describe('tools', () => {
  it('F91 drops another format’s tool together with the choice that names it', () => {
    const { body, notes } = encode({
      tools: [webSearch],
      toolChoice: { type: 'tool', name: 'web_search' },
      parallelToolCalls: false,
    });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('tool_choice');
    expect(body).not.toHaveProperty('parallel_tool_calls');
    expect(notes).toMatchObject([
      { path: 'tools[0]', action: 'dropped' },
      { path: 'toolChoice', action: 'dropped' },
    ]);
    const beside = encode({ tools: [tool, webSearch], toolChoice: { type: 'tool', name: 'web_search' } });
    expect(beside.body).toMatchObject({ tools: [{ function: { name: 'Read' } }] });
    expect(beside.body).not.toHaveProperty('tool_choice');
  });

  it('F72 degrades a choice that the model refuses, perhaps only while it thinks', () => {
    const dialect = { ...deepseek, toolChoicesThinking: ['auto', 'none'] } as const;
    const forced = { tools: [tool], toolChoice: { type: 'required' } } as const;
    expect(encode({ ...forced, reasoning: { mode: 'adaptive' } }, dialect)).toMatchObject({
      body: { tool_choice: 'auto' },
      notes: [{ action: 'approximated' }],
    });
    expect(encode({ ...forced, reasoning: { mode: 'disabled' } }, dialect).body.tool_choice).toBe('required');
    const glm = encode({ tools: [tool], toolChoice: { type: 'none' } }, { toolChoices: ['auto'] });
    expect(glm.body).not.toHaveProperty('tools');
  });

  it('F65 sends allowed tools natively or as the only ones', () => {
    const request = {
      tools: [tool, { ...tool, name: 'Write' }],
      toolChoice: { type: 'allowed', mode: 'required', names: ['Write'] },
    } as const;
    expect(encode(request).body.tool_choice).toEqual({
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'Write' } }] },
    });
    expect(encode(request, compatibleDialect).body).toMatchObject({
      tools: [{ function: { name: 'Write' } }],
      tool_choice: 'required',
    });
    expect(encode(request, compatibleDialect).body.tools).toHaveLength(1);
  });

  it('F65 asks for single calls only beside tools, and notes where that is impossible', () => {
    expect(encode({ tools: [tool], parallelToolCalls: false }).body.parallel_tool_calls).toBe(false);
    expect(encode({ tools: [tool], parallelToolCalls: false }, { parallelToolCalls: false }).notes).toMatchObject([
      { path: 'parallelToolCalls', action: 'dropped' },
    ]);
    // Several at once is what there is without a switch.
    expect(encode({ tools: [tool], parallelToolCalls: true }, { parallelToolCalls: false }).notes).toEqual([]);
    expect(encode({ tools: [tool] }, { extraBodyWithTools: { tool_stream: true } }).body.tool_stream).toBe(true);
    expect(encode({}, { extraBodyWithTools: { tool_stream: true } }).body).not.toHaveProperty('tool_stream');
  });

  it('completes schemas, adapts them, and is strict only where the schema is', () => {
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const open = { type: 'object', properties: { a: { type: 'string' } } };
    const functions = (tools: ChatRequest['tools'], dialect: DialectOptions = {}) =>
      (encode({ tools }, dialect).body.tools as JsonObject[]).map(({ function: fn }) => fn);
    expect(functions([{ type: 'function', name: 'f' }])).toEqual([
      { name: 'f', parameters: { type: 'object', properties: {} } },
    ]);
    expect(
      functions([
        { ...tool, inputSchema: closed, strict: true },
        { ...tool, inputSchema: open, strict: true },
      ]),
    ).toMatchObject([{ strict: true }, { strict: false }]);
    expect(functions([{ ...tool, inputSchema: closed, strict: true }], compatibleDialect)[0]).not.toHaveProperty(
      'strict',
    );
    expect(functions([tool], { encodeSchema: (schema) => ({ ...schema, title: 'T' }) })).toMatchObject([
      { parameters: { title: 'T' } },
    ]);
  });
});

describe('request fields', () => {
  it('F62 asks for JSON in the way the dialect has', () => {
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    };
    const responseFormat = { type: 'json-schema', schema } as const;
    expect(encode({ responseFormat }).body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'response', schema, strict: true },
    });
    const open = { type: 'json-schema', schema: { type: 'object' } } as const;
    expect(encode({ responseFormat }, { strictTools: false }).notes).toMatchObject([
      { path: 'responseFormat.strict', action: 'dropped', reason: expect.stringContaining('the provider') },
    ]);
    expect(encode({ responseFormat: open }).notes).toMatchObject([
      { path: 'responseFormat.strict', action: 'dropped', reason: expect.stringContaining('the schema') },
    ]);
    const worded = encode({ responseFormat, system: [text('S.')] }, deepseek);
    expect(worded.body.response_format).toEqual({ type: 'json_object' });
    expect(worded.messages[0]?.content).toMatch(/^S\.\n\n.*JSON/s);
    expect(String(worded.messages[0]?.content)).toContain(JSON.stringify(schema));
    expect(worded.notes).toMatchObject([{ path: 'responseFormat', action: 'approximated' }]);
    expect(encode({ responseFormat: { type: 'json-object' } }, { responseFormat: 'none' }).body).not.toHaveProperty(
      'response_format',
    );
  });

  it('F67 sends as many stop sequences as fit, and has the others enforced', () => {
    const { body, target, notes } = encode({ stopSequences: ['a', 'b', 'c', 'd', 'e'] });
    expect(body.stop).toEqual(['a', 'b', 'c', 'd']);
    expect(target.enforced).toEqual(['e']);
    expect(notes).toMatchObject([{ path: 'stopSequences', action: 'mapped' }]);
    const none = encode({ stopSequences: ['a'] }, { maxStopSequences: 0 });
    expect(none.body).not.toHaveProperty('stop');
    expect(none.target.enforced).toEqual(['a']);
    expect(encode({ stopSequences: ['a'] }, { maxStopSequences: 1 }).body.stop).toBe('a');
  });

  it('F67 sends the parameters that the provider takes, and notes the others', () => {
    const request = {
      temperature: 1.5,
      topP: 0.5,
      topK: 3,
      extensions: { 'openai-chat': { seed: 1, logit_bias: { 5: 1 } } },
    };
    const { body, notes } = encode(request, {
      parameters: ['temperature', 'seed'],
      renames: { seed: 'random_seed' },
      maxTemperature: 1,
    });
    expect(body).toMatchObject({ temperature: 1, random_seed: 1 });
    for (const key of ['top_p', 'top_k', 'seed', 'logit_bias']) expect(body).not.toHaveProperty(key);
    expect(notes.map(({ path, action }) => `${path} ${action}`).sort()).toEqual([
      'logit_bias dropped',
      'temperature approximated',
      'topK dropped',
      'topP dropped',
    ]);
    expect(encode(request).body).toMatchObject({ temperature: 1.5, top_p: 0.5, top_k: 3, seed: 1 });
  });

  it('says in its own words what other formats have, too, where the provider takes it', () => {
    const kin: Readonly<Record<string, readonly [JsonObject, JsonObject]>> = {
      'openai-responses': [
        {
          metadata: { a: 'b' },
          prompt_cache_key: 'k',
          service_tier: 'flex',
          store: true,
          'text.verbosity': 'low',
          'include[message.output_text.logprobs]': true,
          top_logprobs: 3,
        },
        {
          metadata: { a: 'b' },
          prompt_cache_key: 'k',
          service_tier: 'flex',
          store: true,
          verbosity: 'low',
          logprobs: true,
          top_logprobs: 3,
        },
      ],
      gemini: [
        { 'generationConfig.seed': 7, 'generationConfig.presencePenalty': 1, 'generationConfig.frequencyPenalty': 0.5 },
        { seed: 7, presence_penalty: 1, frequency_penalty: 0.5 },
      ],
      ollama: [
        { 'options.seed': 7, 'options.min_p': 0.1 },
        { seed: 7, min_p: 0.1 },
      ],
    };
    for (const [format, [said, wire]] of Object.entries(kin)) {
      const extensions = { [format]: { ...said, $advice: ['prompt_cache_key'] } };
      const whole = encode({ extensions });
      expect(whole.body).toMatchObject(wire);
      expect(whole.notes).toEqual([]);
      // A server that is merely compatible gets none of it that it does not list.
      const { body, notes } = encode({ extensions }, { parameters: ['seed'] });
      for (const key in wire) expect(key in body).toBe(key === 'seed');
      expect(notes.map(({ path, action }) => `${path} ${action}`)).toEqual(
        Object.keys(said)
          .filter((path) => !path.endsWith('seed'))
          .map((path) => `${path} ${path === 'prompt_cache_key' ? 'mapped' : 'dropped'}`),
      );
    }
  });

  it.each([
    { service_tier: 'ultrafast' },
    { prompt_cache_options: { mode: 'implicit', ttl: '12h' } },
    { prompt_cache_options: { prewarm: true } },
    { top_logprobs: 3 },
  ] as JsonObject[])('leaves out what is of the same name and says more: %j', (own) => {
    const { body, notes } = encode({ extensions: { 'openai-responses': own } });
    for (const key in own) expect(body).not.toHaveProperty(key);
    expect(notes).toMatchObject([{ path: Object.keys(own)[0], action: 'dropped' }]);
  });

  it('shows an image as closely as a Responses client wants it', () => {
    const image = (detail: string) =>
      encode({
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'image',
                source: { type: 'url', url: 'https://a.example/x.png' },
                extensions: { 'openai-responses': { detail } },
              },
            ],
          },
        ],
      });
    const low = image('low');
    expect(low.messages[0]?.content).toMatchObject([{ image_url: { detail: 'low' } }]);
    expect(low.notes).toEqual([]);
    const original = image('original');
    expect(original.messages[0]?.content).toMatchObject([{ image_url: { detail: 'high' } }]);
    expect(original.notes).toMatchObject([{ path: 'messages[0].content[0].detail', action: 'approximated' }]);
  });

  it('notes what only another format has', () => {
    const { body, notes } = encode({
      extensions: { 'anthropic-messages': { context_management: {}, container: 'c' } },
    });
    expect(body).not.toHaveProperty('container');
    expect(notes.map(({ path }) => path)).toEqual(['context_management', 'container']);
  });

  it('sends the user’s id in the field there is, as a hash when it is long', () => {
    expect(encode({ userId: 'u1' }).body.safety_identifier).toBe('u1');
    const { body } = encode({ userId: '{"device_id":"x"}'.repeat(9) });
    expect(body.safety_identifier).toMatch(/^[0-9a-f]{64}$/);
    expect(encode({ userId: '{"a":1}' }, { userField: 'user_id' }).body.user_id).toMatch(/^[0-9a-f]{64}$/);
    expect(encode({ userId: 'u1' }, { userField: 'none' }).notes).toMatchObject([{ path: 'userId', action: 'mapped' }]);
  });

  it('names the token limit as the dialect does, and asks for usage with streams', () => {
    expect(encode({ maxOutputTokens: 9 }).body).toMatchObject({ max_completion_tokens: 9 });
    expect(encode({ maxOutputTokens: 9, stream: true }, deepseek).body).toMatchObject({
      max_tokens: 9,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(encode({ stream: true }, { streamUsage: false, defaultMaxTokens: 5, extraBody: { x: 1 } }).body).toEqual({
      x: 1,
      model: 'target-model',
      messages: [{ role: 'user', content: 'Hello' }],
      max_completion_tokens: 5,
      stream: true,
    });
  });

  it('F51 sends documents as the dialect can', () => {
    const pdf = {
      type: 'document',
      source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
      title: 'a.pdf',
    } as const;
    const note = { type: 'document', source: { type: 'text', text: 'Body.' }, title: 'Title' } as const;
    const parts = (dialect: DialectOptions) => encode({ messages: [user(pdf, note)] }, dialect);
    expect(parts({}).messages[0]?.content).toEqual([
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
      { type: 'text', text: '# Title\nBody.' },
    ]);
    expect(parts({ documents: 'document_url' }).messages[0]?.content).toMatchObject([
      { type: 'document_url', document_url: 'data:application/pdf;base64,JVBE' },
      {},
    ]);
    const none = parts({ documents: 'none' });
    expect(JSON.stringify(none.body)).not.toContain('JVBE');
    expect(none.notes).toContainEqual(expect.objectContaining({ action: 'dropped' }));
  });

  it('F51 notes a document at its own place, behind a tool result, too', () => {
    const call = { type: 'tool-call', id: 'c', name: 'Read', input: {} } as const;
    const result = { type: 'tool-result', callId: 'c', content: [{ type: 'text', text: 'read' }] } as const;
    const pdf = { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } } as const;
    const messages = [user({ type: 'text', text: 'Go' }), assistant(call), user(result, pdf)];
    expect(encode({ messages }, { documents: 'none' }).notes).toEqual([
      expect.objectContaining({ path: 'messages[2].content[1]', action: 'dropped' }),
    ]);
  });

  it('refuses a file that only another provider can read', () => {
    const file = { type: 'image', source: { type: 'file', fileId: 'file_1', format: 'anthropic-messages' } } as const;
    expect(() => encode({ messages: [user(file)] })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', status: 400 }),
    );
  });

  it('follows a dialect that depends on the model', () => {
    const dialect = (model: string) => (model === 'target-model' ? { maxTokensField: 'max_tokens' as const } : {});
    expect(encode({ maxOutputTokens: 9 }, dialect).body).toHaveProperty('max_tokens');
    expect(encode({ maxOutputTokens: 9 }, dialect, { model: 'other' }).body).toHaveProperty('max_completion_tokens');
  });
});
