import { describe, expect, it } from '@jest/globals';
import { type Block, type ChatRequest, type JsonObject, type Message, Notes } from '@signalbox/kit';
import { decode, encode, testRequest, testTarget } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const says = (role: Message['role'], ...content: Block[]): Message => ({ role, content });
const text = (value: string): Block => ({ type: 'text', text: value });
const toolCall = (id: string): Block => ({ type: 'tool-call', id, name: 'f', input: { a: 1 } });
const result = (callId: string, ...content: Block[]): Block => ({ type: 'tool-result', callId, content });

/** What goes out, and what was noted. */
function through(options: Partial<ChatRequest>, dialect?: Parameters<typeof openaiResponses.with>[0]) {
  const target = testTarget();
  const body = encode(
    testRequest(options),
    target,
    dialect === undefined ? openaiResponses : openaiResponses.with(dialect),
  );
  return { body, enforced: target.enforced, notes: target.notes.list.map(({ path, action }) => `${action} ${path}`) };
}

describe('a client of another format', () => {
  it('gets nothing stored, and the state of the reasoning', () => {
    expect(through({}).body).toEqual({
      store: false,
      model: 'target-model',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
      include: ['reasoning.encrypted_content'],
    });
  });

  it('F54 F56 has calls and results that stand alone made whole', () => {
    const { body, notes } = through({
      messages: [
        says('user', text('a')),
        says('assistant', toolCall('1'), toolCall('2')),
        says('user', result('2', text('ok')), result('9', text('lost'))),
      ],
    });
    expect(body.input.slice(1)).toEqual([
      { type: 'function_call', call_id: '1', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call', call_id: '2', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call_output', call_id: '1', output: 'Error: no result' },
      { type: 'function_call_output', call_id: '2', output: 'ok' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: '[Result of tool call 9]' },
          { type: 'input_text', text: 'lost' },
        ],
      },
    ]);
    expect(notes).toEqual(['approximated messages[1].content[0]', 'approximated messages[2].content[1]']);
  });

  it('F49 F51 sends images and files, also of tool results, and marks errors in words', () => {
    const image: Block = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } };
    const pdf: Block = {
      type: 'document',
      source: { type: 'base64', mediaType: 'application/pdf', data: 'AA==' },
      title: 'a.pdf',
    };
    const { body } = through({
      messages: [
        says('user', pdf, { type: 'document', source: { type: 'text', text: 'plain' }, title: 'T' }),
        says('assistant', toolCall('1'), toolCall('2'), toolCall('3')),
        says(
          'user',
          result('1', text('see'), image),
          { ...(result('2', text('gone')) as object), isError: true } as Block,
          result('3'),
        ),
      ],
    });
    expect(body.input).toMatchObject([
      {
        content: [
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
          { type: 'input_text', text: '# T\nplain' },
        ],
      },
      {},
      {},
      {},
      {
        output: [
          { type: 'input_text', text: 'see' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
        ],
      },
      { output: 'Error: gone' },
      { output: '' },
    ]);
    expect(() =>
      through({
        messages: [
          says('user', { type: 'image', source: { type: 'file', fileId: 'f', format: 'anthropic-messages' } }),
        ],
      }),
    ).toThrow('only that one can read it');
  });

  it('F58 gets names and ids that are legal here, the same in calls, results and tools', () => {
    const name = `mcp__${'x'.repeat(80)}.read`;
    const id = 'c'.repeat(70);
    const { body } = through({
      messages: [
        says('user', text('a')),
        says('assistant', { type: 'tool-call', id, name, input: {} }),
        says('user', result(id, text('ok'))),
      ],
      tools: [{ type: 'function', name }],
      toolChoice: { type: 'tool', name },
    });
    const [tool] = body.tools as JsonObject[];
    expect(tool?.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(body.input[1]).toMatchObject({ name: tool?.name });
    expect(body.tool_choice).toEqual({ type: 'function', name: tool?.name });
    expect(String(body.input[1]?.call_id).length).toBeLessThanOrEqual(64);
    expect(body.input[2]).toMatchObject({ call_id: body.input[1]?.call_id });
  });

  it('F66 takes schemas at their word', () => {
    const open = { type: 'object', properties: { a: {} } };
    const closed = { ...open, properties: { a: { type: 'null' } }, required: ['a'], additionalProperties: false };
    const { body, notes } = through({
      tools: [
        { type: 'function', name: 'a' },
        { type: 'function', name: 'b', inputSchema: open, strict: true },
        { type: 'function', name: 'c', inputSchema: closed, strict: true },
      ],
      responseFormat: { type: 'json-schema', schema: open },
    });
    expect(body.tools).toMatchObject([
      { strict: false, parameters: { type: 'object', properties: {} } },
      { strict: false, parameters: open },
      { strict: true, parameters: closed },
    ]);
    expect(body.text).toEqual({ format: { type: 'json_schema', name: 'response', schema: open, strict: false } });
    expect(notes).toEqual(['dropped responseFormat.strict', 'dropped tools[1].strict']);
  });

  it('F67 F60 F61 gets each of its wishes, or a note', () => {
    const { body, notes, enforced } = through(
      {
        temperature: 0.3,
        topP: 0.4,
        topK: 5,
        stopSequences: ['END', ''],
        maxOutputTokens: 3,
        userId: 'u'.repeat(65),
        reasoning: { mode: 'budget', budgetTokens: 9_000 },
      },
      { efforts: ['low', 'high'] },
    );
    expect(body).toMatchObject({
      temperature: 0.3,
      top_p: 0.4,
      max_output_tokens: 16,
      reasoning: { effort: 'low', summary: 'auto' },
    });
    expect(body.safety_identifier).toMatch(/^[0-9a-f]{64}$/);
    expect(enforced).toEqual(['END']);
    expect(notes).toEqual([
      'approximated maxOutputTokens',
      'dropped topK',
      'approximated reasoning.budgetTokens',
      'mapped userId',
      'mapped stopSequences',
    ]);
  });

  it.each([
    [{ mode: 'adaptive' }, { summary: 'auto' }, []],
    [{ mode: 'adaptive', display: 'omitted' }, undefined, []],
    [{ effort: 'low' }, { effort: 'low' }, []],
    [{ mode: 'disabled', effort: 'low' }, { effort: 'none' }, ['dropped reasoning.effort']],
    // What an answer without reasoning gets anyway.
    [{ mode: 'disabled', effort: 'high' }, { effort: 'none' }, []],
    [
      { mode: 'budget', budgetTokens: 30_000 },
      { effort: 'xhigh', summary: 'auto' },
      ['approximated reasoning.budgetTokens'],
    ],
  ] as const)('F60 asks for %j as %j', (reasoning, wire, noted) => {
    const { body, notes } = through({ reasoning });
    expect(body.reasoning).toEqual(wire);
    expect(notes).toEqual(noted);
  });

  it('F91 has a web search that is known here by its own name, and other tools left out with the choice of them', () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3, allowed_domains: ['a.example'] };
    const webSearch = { maxUses: 3, allowedDomains: ['a.example'] };
    const bash = { type: 'bash_20250124', name: 'bash' };
    const { body, notes } = through({
      tools: [
        { type: 'opaque', format: 'anthropic-messages', name: 'web_search', value: search, webSearch },
        { type: 'opaque', format: 'anthropic-messages', name: 'bash', value: bash },
      ],
      toolChoice: { type: 'tool', name: 'bash' },
    });
    expect(body.tools).toEqual([{ type: 'web_search', filters: { allowed_domains: ['a.example'] } }]);
    expect(body).not.toHaveProperty('tool_choice');
    // It counts calls of built-in tools, and the search is the only one.
    expect(body.max_tool_calls).toBe(3);
    expect(notes).toEqual(['mapped tools[0]', 'dropped tools[1]', 'dropped toolChoice']);
    const narrow = through(
      { tools: [{ type: 'opaque', format: 'anthropic-messages', name: 'web_search', value: search, webSearch }] },
      { parameters: [] },
    );
    expect(narrow.body).not.toHaveProperty('max_tool_calls');
    expect(narrow.notes).toEqual(['mapped tools[0]', 'dropped tools[0].maxUses']);
    const chosen = through({
      tools: [{ type: 'opaque', format: 'anthropic-messages', name: 'web_search', value: search, webSearch }],
      toolChoice: { type: 'tool', name: 'web_search' },
    });
    expect(chosen.body.tool_choice).toEqual({ type: 'web_search' });
    const chat = through({
      tools: [
        {
          type: 'opaque',
          format: 'openai-chat',
          name: 'web_search',
          value: { type: 'web_search_options' },
          webSearch: { contextSize: 'low', userLocation: { city: 'Oslo' } },
        },
      ],
    });
    expect(chat.body.tools).toEqual([
      { type: 'web_search', search_context_size: 'low', user_location: { type: 'approximate', city: 'Oslo' } },
    ]);
  });

  it('F88 has a Chat client’s custom tools and calls as custom ones', () => {
    const chat = (custom: JsonObject | true) => ({ extensions: { 'openai-chat': { custom } } });
    const grammar = { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } };
    const { body, notes } = through({
      tools: [{ type: 'function', name: 'patch', ...chat({ name: 'patch', description: 'd', format: grammar }) }],
      toolChoice: { type: 'tool', name: 'patch' },
      messages: [
        says('user', text('a')),
        says('assistant', { type: 'tool-call', id: '1', name: 'patch', input: { input: 'free' }, ...chat(true) }),
        says('user', result('1', text('ok'))),
      ],
    });
    expect(body.tools).toEqual([
      { type: 'custom', name: 'patch', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
    ]);
    expect(body.tool_choice).toEqual({ type: 'custom', name: 'patch' });
    expect(body.input.slice(1)).toEqual([
      { type: 'custom_tool_call', name: 'patch', input: 'free', call_id: '1' },
      { type: 'custom_tool_call_output', call_id: '1', output: 'ok' },
    ]);
    expect(notes).toEqual([]);
  });

  it('keeps what Chat Completions says in the same words, and notes the rest', () => {
    const { body, notes } = through({
      extensions: { 'openai-chat': { metadata: { a: 'b' }, store: true, verbosity: 'low', seed: 5, $client: {} } },
    });
    expect(body).toMatchObject({ metadata: { a: 'b' }, store: true, text: { verbosity: 'low' } });
    expect(notes).toEqual(['dropped seed']);
    const told = through({ extensions: { 'openai-chat': { logprobs: true, top_logprobs: 2, user: 'u' } } });
    expect(told.body).toMatchObject({
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      top_logprobs: 2,
      user: 'u',
    });
    expect(told.notes).toEqual([]);
  });

  it('says what a provider does not take, and that nothing is lost where nothing hangs on it', () => {
    const own = decode({
      client_metadata: { a: '1' },
      prompt_cache_key: 'k',
      metadata: { a: 'b' },
      truncation: 'auto',
    });
    const target = testTarget();
    const body = encode({ ...own, tools: [] }, target, openaiResponses.with({ parameters: ['prompt_cache_key'] }));
    expect(body).not.toHaveProperty('metadata');
    expect(body.prompt_cache_key).toBe('k');
    expect(target.notes.list.map(({ action, path }) => `${action} ${path}`)).toEqual([
      'mapped client_metadata',
      'dropped metadata',
      'dropped truncation',
    ]);
  });

  it('shows an image as closely as a Chat client wants it, and takes its cache breakpoints where there are some', () => {
    const blocks: Block[] = [
      {
        type: 'image',
        source: { type: 'url', url: 'https://a.example/x.png' },
        extensions: { 'openai-chat': { detail: 'low' } },
      },
      {
        type: 'text',
        text: 'a',
        cacheControl: {},
        extensions: { 'openai-chat': { $breakpoint: { mode: 'explicit' } } },
      },
    ];
    const { body, notes } = through({ messages: [says('user', ...blocks)] }, { cacheBreakpoints: true });
    expect(body.input[0]?.content).toMatchObject([
      { detail: 'low' },
      { prompt_cache_breakpoint: { mode: 'explicit' } },
    ]);
    expect(notes).toEqual([]);
  });

  it('F67 loses no sampling that is the same without saying it', () => {
    const fixed = { sampling: false };
    expect(through({ temperature: 1, topP: 1 }, fixed).notes).toEqual([]);
    expect(through({ temperature: 0.5, topP: 0.9 }, fixed).notes).toEqual(['dropped temperature', 'dropped topP']);
  });

  it('tells its texts apart by where they stand, for models that know phases', () => {
    const request = {
      messages: [
        says('user', text('a')),
        says('assistant', text('on the way'), toolCall('1'), text('and on'), toolCall('2')),
        says('user', result('1'), result('2')),
        says('assistant', text('done')),
        says('user', text('b')),
      ],
    };
    const phases = (dialect?: Parameters<typeof openaiResponses.with>[0]) =>
      through(request, dialect).body.input.flatMap(({ role, phase }) => (role === 'assistant' ? [phase] : []));
    expect(phases({ phases: true })).toEqual(['commentary', 'commentary', 'final_answer']);
    expect(phases()).toEqual([undefined, undefined, undefined]);
    const said = { type: 'message', role: 'assistant', content: 'a', phase: 'commentary' };
    const own = encode(decode({ input: [said, said] }), testTarget(), openaiResponses.with({ phases: true }));
    expect(own.input).toMatchObject([{ phase: 'commentary' }, { phase: 'commentary' }]);
  });

  it('F48 leaves out the billing header; F52 blank texts; F73 loses reasoning of others, and reasoning of which nothing came', () => {
    const reasoning = (origin: string): Block => ({
      type: 'reasoning',
      text: 'hm',
      state: { origin, data: { id: 'rs_1', encrypted_content: 'e' } },
    });
    const { body, notes } = through({
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cch=1' },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [
        says('user', text('a'), text(' ')),
        says('assistant', reasoning('anthropic'), text('b')),
        says('user', text('c')),
        says('assistant', reasoning('openai')),
        says('user', text('d')),
      ],
    });
    expect(body.instructions).toBe('Be kind.');
    expect(body.input.map(({ type, role }) => role ?? type)).toEqual(['user', 'assistant', 'user', 'user']);
    expect(notes).toEqual([
      'mapped system[0]',
      'mapped messages[0].content[1]',
      'dropped messages[1].content[0]',
      'dropped messages[3].content[0]',
    ]);
  });

  it('F48 does not take a whole prompt for the billing header because it begins with one', () => {
    const prompt = 'x-anthropic-billing-header: cch=1\nYou are helpful.';
    const { body, notes } = through({ system: [{ type: 'text', text: prompt }] });
    expect(body.instructions).toBe(prompt);
    expect(notes).toEqual([]);
  });

  it('has an unfinished answer continued by being asked for it', () => {
    const { body, notes } = through({ messages: [says('user', text('a')), says('assistant', text('b'))] });
    expect(body.input.at(-1)).toMatchObject({ role: 'user', content: [{ text: expect.stringContaining('Continue') }] });
    expect(notes).toEqual(['approximated messages[1]']);
  });

  it('F42 F44 has cache breakpoints where the model takes them, four at most', () => {
    const cached = (value: string): Block => ({ type: 'text', text: value, cacheControl: { ttl: '1h' } });
    const request = {
      system: [{ type: 'text', text: 'sys', cacheControl: {} } as const],
      messages: [says('user', cached('a'), cached('b'), cached('c'), cached('d'))],
    };
    const plain = through(request);
    expect(JSON.stringify(plain.body)).not.toContain('prompt_cache_breakpoint');
    expect(plain.notes).toEqual(['mapped system[0].cacheControl']);
    const { body, notes } = through(request, { cacheBreakpoints: true });
    expect(body).not.toHaveProperty('instructions');
    expect(body.input[0]).toMatchObject({
      role: 'developer',
      content: [{ text: 'sys', prompt_cache_breakpoint: { mode: 'explicit' } }],
    });
    expect(JSON.stringify(body).split('prompt_cache_breakpoint')).toHaveLength(5);
    expect(JSON.stringify(body)).toContain('"ttl":"12h"');
    const cachedResult = { ...result('1', text('ok')), cacheControl: {} } as Block;
    const turn = through(
      { messages: [says('user', text('a')), says('assistant', toolCall('1')), says('user', cachedResult)] },
      { cacheBreakpoints: true },
    );
    expect(turn.body.input[2]).toMatchObject({
      output: [{ type: 'input_text', text: 'ok', prompt_cache_breakpoint: { mode: 'explicit' } }],
    });
    expect(notes).toEqual([
      'mapped messages[0].content[0].cacheControl.ttl',
      'mapped messages[0].content[3].cacheControl',
    ]);
  });
});

describe('this format’s own client', () => {
  const body: JsonObject = {
    tools: [
      { type: 'custom', name: 'patch' },
      {
        type: 'namespace',
        name: 'ns',
        description: 'd',
        tools: [
          { type: 'function', name: 'a', parameters: {} },
          { type: 'function', name: 'b', parameters: {} },
        ],
      },
      { type: 'web_search' },
    ],
    input: [
      { role: 'user', content: 'x' },
      { type: 'custom_tool_call', call_id: '1', name: 'patch', input: 'free' },
      { type: 'custom_tool_call_output', call_id: '1', output: 'done' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    ],
  };

  it('has its tools as functions at a provider that knows only those', () => {
    const target = testTarget();
    const plain = openaiResponses.with({ clientTools: false, builtInTools: false });
    const sent = encode(decode(body), target, plain);
    expect((sent.tools as JsonObject[]).map(({ type, name }) => `${type} ${name}`)).toEqual([
      'function patch',
      'function ns__a',
      'function ns__b',
    ]);
    expect(sent.input).toMatchObject([
      {},
      { type: 'function_call', call_id: '1', name: 'patch', arguments: '{"input":"free"}' },
      { type: 'function_call_output', call_id: '1', output: 'done' },
    ]);
    expect(target.notes.list.map(({ reason }) => reason)).toEqual([
      'the provider knows no web_search_call items',
      'the provider has not the tool web_search',
    ]);
  });

  it('loses the tools that a plugin took away, and no others of their namespace', () => {
    const request = decode(body);
    const sent = encode({ ...request, tools: request.tools.filter(({ name }) => name !== 'ns__a') });
    expect(sent.tools).toMatchObject([
      { type: 'custom' },
      { type: 'namespace', tools: [{ name: 'b' }] },
      { type: 'web_search' },
    ]);
  });

  it('sends what a plugin made of a tool’s output', () => {
    const request = decode({
      input: [
        { role: 'user', content: 'x' },
        { type: 'shell_call', call_id: '1', action: { commands: ['a'] } },
        {
          type: 'shell_call_output',
          call_id: '1',
          output: [{ stdout: 'secret', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
        },
      ],
    });
    const masked = JSON.parse(
      JSON.stringify(request.messages).replaceAll('"text":"secret"', '"text":"***"'),
    ) as Message[];
    const sent = JSON.stringify(encode({ ...request, messages: masked }).input);
    expect(sent).toContain('"stdout":"***"');
    expect(sent).not.toContain('secret');
  });

  it('F76 never sends what the gateway made up', () => {
    const reply = openaiResponses.encodeReply(
      {
        content: [
          { type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'sig' } },
          { type: 'text', text: 'a' },
          { type: 'tool-call', id: 'c', name: 'f', input: {} },
        ],
        stopReason: 'tool-call',
      },
      { model: 'm', headers: {}, notes: new Notes(), request: decode({}), estimatePromptTokens: () => 1 },
    );
    const input = [...(reply.output as JsonObject[]), { type: 'function_call_output', call_id: 'c', output: 'ok' }];
    const sent = JSON.stringify(encode(decode({ input })));
    expect(sent).not.toContain('sbx');
    expect(sent).not.toContain('signalbox');
    expect(JSON.parse(sent).input.map(({ type }: JsonObject) => type)).toEqual([
      'message',
      'function_call',
      'function_call_output',
    ]);
  });
});
