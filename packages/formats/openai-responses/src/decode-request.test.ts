import { describe, expect, it } from '@jest/globals';
import { type JsonObject, Notes, type SignalboxError } from '@signalbox/kit';
import { decode, encode } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const user = (text: string) => ({ type: 'message', role: 'user', content: text });
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string, said = 'ok') => ({ type: 'function_call_output', call_id: id, output: said });

/** Who said what kinds of blocks, in order. */
function shape(input: readonly JsonObject[]) {
  return decode({ input: [...input] }).messages.map(
    ({ role, content }) => `${role}: ${content.map(({ type }) => type).join(' ')}`,
  );
}

function refused(body: JsonObject): string {
  try {
    decode(body);
  } catch (error) {
    return (error as SignalboxError).message;
  }
  return 'taken';
}

describe('turns', () => {
  it('takes a string for one user message', () => {
    expect(decode({ input: 'Hi' }).messages).toMatchObject([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]);
  });

  it('F75 puts what the model did in a row into one message, in its order', () => {
    expect(
      shape([
        user('a'),
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { type: 'message', role: 'assistant', content: 'b' },
        { type: 'reasoning', id: 'rs_2', summary: [] },
        call('1'),
        call('2'),
        output('2'),
        output('1'),
        user('c'),
        user('d'),
        { type: 'message', role: 'assistant', content: 'e' },
      ]),
    ).toEqual([
      'user: text',
      'assistant: reasoning text reasoning tool-call tool-call',
      'user: tool-result tool-result text text',
      'assistant: text',
    ]);
  });

  it('never reorders calls and outputs that alternate, so that a growing history keeps its beginning', () => {
    const history = [user('a'), call('1'), output('1'), call('2'), output('2')];
    const before = decode({ input: history.slice(0, 3) }).messages;
    expect(decode({ input: history }).messages.slice(0, before.length)).toEqual(before);
  });

  it('keeps user messages apart where no result stands before them', () => {
    expect(shape([user('a'), user('b')])).toEqual(['user: text', 'user: text']);
  });

  it('F47 takes system messages before the first turn for the system prompt, and leaves later ones in place', () => {
    const developer = (text: string) => ({ type: 'message', role: 'developer', content: text });
    const request = decode({
      instructions: 'one',
      input: [developer('two'), { ...developer('three'), role: 'system' }, user('a'), developer('four')],
    });
    expect(request.system.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'system']);
  });

  it('F56 gives an output without an id to the first call that has none yet', () => {
    const { call_id: _, ...nameless } = output('');
    const [, , results] = decode({ input: [user('a'), call('1'), call('2'), output('1'), nameless] }).messages;
    expect(results?.content).toMatchObject([{ callId: '1' }, { callId: '2' }]);
    expect(refused({ input: [user('a'), nameless] })).toContain('input[1].call_id');
  });

  it('takes an item that is only an id for a reference', () => {
    expect(decode({ input: [{ id: 'msg_1' }] }).messages[0]?.content).toMatchObject([
      { type: 'opaque', value: { type: 'item_reference', id: 'msg_1' } },
    ]);
  });

  it('names the field that is wrong', () => {
    expect(refused({ input: 5 })).toContain('input: must be');
    expect(refused({ input: null })).toContain('input: must be');
    expect(refused({ model: '' })).toContain('model');
    expect(refused({ input: [{ role: 'tool', content: 'x' }] })).toContain('input[0].role');
    expect(refused({ input: [{ type: 'function_call', call_id: 'c' }] })).toContain('input[0].name');
    expect(refused({ input: [user('a'), { role: 'user', content: [{ type: 'input_text' }] }] })).toContain(
      'input[1].content[0].text',
    );
    expect(refused({ tools: [{ type: 'function' }] })).toContain('tools[0].name');
    expect(refused({ text: { format: { type: 'xml' } } })).toContain('text.format.type');
    expect(refused({ input: [{ role: 'user', content: [{ type: 'input_audio' }] }] })).toContain('audio');
  });
});

describe('tools', () => {
  it('F88 makes functions of what only this format has, and says so', () => {
    const notes = new Notes();
    const { tools } = decode(
      {
        tools: [
          {
            type: 'custom',
            name: 'patch',
            description: 'Edits.',
            format: { type: 'grammar', syntax: 'lark', definition: 'x' },
          },
          {
            type: 'namespace',
            name: 'ns',
            description: 'All of them.',
            tools: [
              { type: 'function', name: 'a', description: 'A.', parameters: {} },
              { type: 'custom', name: 'b' },
            ],
          },
          { type: 'local_shell' },
          { type: 'tool_search', execution: 'client', parameters: { type: 'object' } },
        ],
      },
      notes,
    );
    expect(tools).toMatchObject([
      { type: 'function', name: 'patch', inputSchema: { required: ['input'] } },
      { type: 'function', name: 'ns__a', description: 'All of them.\n\nA.' },
      { type: 'function', name: 'ns__b', inputSchema: { required: ['input'] } },
      { type: 'function', name: 'local_shell', inputSchema: { required: ['command'] } },
      { type: 'function', name: 'tool_search', inputSchema: { type: 'object' } },
    ]);
    expect(tools[0]).toMatchObject({ description: expect.stringContaining('lark grammar:\nx') });
    expect(notes.list.map(({ path, action }) => `${action} ${path}`)).toEqual(['mapped tools[0]', 'mapped tools[1]']);
  });

  it.each([
    { type: 'web_search' },
    { type: 'shell', environment: { type: 'container_auto' } },
    { type: 'tool_search', execution: 'server' },
  ])('leaves what runs at the provider as it is: %j', (tool) => {
    expect(decode({ tools: [tool] }).tools).toMatchObject([{ type: 'opaque', value: tool }]);
  });

  it('counts tools inside the input, and those that a search found', () => {
    const fn = (name: string) => ({ type: 'function', name, parameters: {} });
    const { tools } = decode({
      input: [
        { type: 'additional_tools', role: 'developer', tools: [fn('a')] },
        user('x'),
        { type: 'tool_search_call', call_id: 's', execution: 'client', arguments: { query: 'q' } },
        { type: 'tool_search_output', call_id: 's', execution: 'client', tools: [fn('b')] },
        { type: 'additional_tools', role: 'developer', tools: [fn('c'), fn('b')] },
      ],
    });
    expect(tools.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', name: 'f' },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', name: 'p' },
      { type: 'tool', name: 'p' },
    ],
    [{ type: 'apply_patch' }, { type: 'tool', name: 'apply_patch' }],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] },
      { type: 'allowed', mode: 'required', names: ['f', 'web_search'] },
    ],
    [{ type: 'web_search' }, { type: 'tool', name: 'web_search' }],
    [{ type: 'code_interpreter' }, undefined],
  ])('F65 reads the choice %j', (choice, expected) => {
    expect(decode({ tool_choice: choice }).toolChoice).toEqual(expected);
  });
});

describe('reasoning of the history', () => {
  const blockOf = (item: JsonObject) => decode({ input: [item, call('1')] }).messages[0]?.content[0];

  it('is OpenAI’s, unless it bears the gateway’s mark', () => {
    expect(
      blockOf({
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'a' }],
        encrypted_content: 'e',
      }),
    ).toMatchObject({
      type: 'reasoning',
      text: 'a',
      state: { origin: 'openai', data: { id: 'rs_1', encrypted_content: 'e' } },
    });
  });

  it('has no state where the gateway had none to give', () => {
    const block = blockOf({ type: 'reasoning', id: 'rs_sbxA', summary: [{ type: 'summary_text', text: 'a' }] });
    expect(block).toMatchObject({ type: 'reasoning', text: 'a' });
    expect(block).not.toHaveProperty('state');
  });
});

describe('what cannot leave the format', () => {
  const refusal = (body: JsonObject) => openaiResponses.refusesElsewhere?.(decode(body));

  it('F78 a response that nobody keeps, in OpenAI’s own words', () => {
    const error = refusal({ previous_response_id: 'resp_1' });
    expect(error).toMatchObject({ code: 'UNSUPPORTED', status: 400 });
    expect(error?.wire?.body).toMatchObject({
      error: { type: 'invalid_request_error', param: 'previous_response_id', code: 'previous_response_not_found' },
    });
    expect(error?.message).toContain('send the whole conversation');
  });

  it.each([
    { conversation: 'conv_1', input: undefined },
    { prompt: { id: 'p' }, input: undefined },
    { background: true },
    { input: [{ type: 'item_reference', id: 'msg_1' }] },
    { input: [{ type: 'compaction', encrypted_content: 'e' }, user('a')] },
  ] as JsonObject[])('what its provider keeps: %j', (body) => {
    expect(refusal(body)).toMatchObject({ code: 'UNSUPPORTED', status: 400, wire: { format: 'openai-responses' } });
  });

  it('work in the background, also for a provider of this format where it is not passed through', () => {
    expect(() => encode(decode({ background: true }))).toThrow('background: this model answers while the client waits');
  });

  it.each([5, {}, []])('the id of an earlier response is a text, not %j', (id) => {
    expect(() => decode({ previous_response_id: id })).toThrow('previous_response_id: must be a string.');
  });

  it('nothing else, such as a request that wants nothing kept', () => {
    expect(
      refusal({ store: false, background: false, truncation: 'disabled', include: ['reasoning.encrypted_content'] }),
    ).toBeUndefined();
  });

  it.each([
    [{ store: false, background: false, truncation: 'disabled', service_tier: 'auto', metadata: {}, top_logprobs: 0 }],
    [{ include: ['reasoning.encrypted_content'] }],
    [{ reasoning: { effort: 'low', summary: 'auto', context: 'auto', mode: 'standard' } }],
    [{ reasoning: { context: 'all_turns' }, text: { verbosity: 'medium' } }],
  ] as JsonObject[][])('has no note for what every route does anyway: %j', (body = {}) => {
    expect(left(body)).toEqual([]);
    // All of it goes back to a provider of this format.
    expect(encode(decode(body))).toMatchObject(body);
  });

  it('has no note for the phase of a text, which goes back to a provider of this format', () => {
    const said = { type: 'message', role: 'assistant', content: 'a', phase: 'commentary' };
    expect(left({ input: [said, user('b')] })).toEqual([]);
    expect(encode(decode({ input: [said, user('b')] })).input[0]).toMatchObject({ phase: 'commentary' });
  });

  it.each([
    ['store', { store: true }],
    ['include[file_search_call.results]', { include: ['reasoning.encrypted_content', 'file_search_call.results'] }],
    ['reasoning.context', { reasoning: { effort: 'low', context: 'current_turn' } }],
    ['reasoning.mode', { reasoning: { mode: 'pro' } }],
    ['reasoning.effort', { reasoning: { effort: 'colossal', summary: 'auto' } }],
    ['include[message.output_text.logprobs]', { include: ['message.output_text.logprobs'] }],
    ['text.verbosity', { text: { verbosity: 'low', format: { type: 'json_object' } } }],
    ['service_tier', { service_tier: 'flex' }],
    ['metadata', { metadata: { a: 'b' } }],
    ['prompt_cache_options', { prompt_cache_options: { prewarm: true } }],
    ['max_tool_calls', { max_tool_calls: 2, tools: [{ type: 'web_search' }, { type: 'code_interpreter' }] }],
  ] as [string, JsonObject][])('names just what only this format has: %s', (path, body) => {
    expect(left(body)).toEqual([`dropped ${path}`]);
    expect(encode(decode(body))).toMatchObject(body);
  });

  it('names as no loss what nothing hangs on', () => {
    const body = {
      client_metadata: { window: '1' },
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      prompt_cache_options: { mode: 'implicit', ttl: '12h' },
      service_tier: 'default',
      stream_options: { include_obfuscation: false },
      safety_identifier: 'who',
      user: 'bucket',
      max_tool_calls: 3,
      // They are told only where `include` asks for them.
      top_logprobs: 2,
    };
    const paths = Object.keys(body).filter((key) => key !== 'safety_identifier');
    expect(left(body).sort()).toEqual(paths.map((path) => `mapped ${path}`).sort());
    expect(encode(decode(body))).toMatchObject(body);
  });

  it('F42 knows cache breakpoints as what others have, too', () => {
    const content = (ttl?: string) => [
      {
        type: 'input_text',
        text: 'a',
        prompt_cache_breakpoint: { mode: 'explicit', ...(ttl === undefined ? {} : { ttl }) },
      },
    ];
    const decoded = (ttl?: string) => decode({ input: [{ role: 'user', content: content(ttl) }] });
    const block = (ttl?: string) => decoded(ttl).messages[0]?.content[0];
    expect([block(), block('30m'), block('12h')]).toMatchObject([
      { cacheControl: {} },
      { cacheControl: { ttl: '1h' } },
      { cacheControl: { ttl: '1h' } },
    ]);
    expect(left({ input: [{ role: 'user', content: content('12h') }] })).toEqual([]);
    expect(encode(decoded('12h')).input[0]?.content).toEqual(content('12h'));
  });

  it('reads a limit on calls of built-in tools as one on searches, where there is no other such tool', () => {
    const tools = [{ type: 'web_search' }, { type: 'function', name: 'f' }];
    const request = decode({ max_tool_calls: 2, tools });
    expect(request.tools[0]).toMatchObject({ type: 'opaque', webSearch: { maxUses: 2 } });
    expect(left({ max_tool_calls: 2, tools })).toEqual([]);
    expect(encode(request)).toMatchObject({ max_tool_calls: 2, tools: [{ type: 'web_search' }, { name: 'f' }] });
  });
});

/** What another format has to note of a request, as far as no encoder knows its fields. */
function left(body: JsonObject): string[] {
  const notes = new Notes();
  const { extensions, messages } = decode(body);
  notes.foreignExtensions(extensions, 'another', '');
  for (const { content } of messages)
    for (const block of content)
      notes.foreignExtensions(block.type === 'opaque' ? {} : block.extensions, 'another', 'block');
  return notes.list.map(({ action, path }) => `${action} ${path}`);
}
