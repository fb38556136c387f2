import { describe, expect, it } from '@jest/globals';
import { type JsonObject, Notes } from '@signalbox/kit';
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { testTarget } from '../test/context.ts';
import { openaiChat } from './format.ts';

function decode(body: JsonObject) {
  return openaiChat.decodeRequest(
    { model: 'm', messages: [{ role: 'user', content: 'x' }], ...body },
    { headers: {}, notes: new Notes() },
  );
}
const conversation = (...messages: JsonObject[]) => decode({ messages });

describe('decoding a request', () => {
  it('takes what the official SDK can send', () => {
    const body: ChatCompletionCreateParams = {
      model: 'gpt-x',
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 100,
      reasoning_effort: 'high',
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' }, strict: true } }],
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
      stop: 'END',
      safety_identifier: 'u',
      seed: 4,
      messages: [
        { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=', detail: 'low' } },
          ],
          name: 'ann',
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
            { id: 'c2', type: 'function', function: { name: 'f', arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c2', content: 'two' },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'one' }] },
        { role: 'user', content: 'And?' },
      ],
    };
    expect(decode(body as unknown as JsonObject)).toEqual({
      model: 'gpt-x',
      stream: true,
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            {
              type: 'image',
              source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' },
              extensions: { 'openai-chat': { detail: 'low' } },
            },
          ],
          extensions: { 'openai-chat': { name: 'ann' } },
        },
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'c1', name: 'f', input: { a: 1 }, rawInput: '{"a":1}' },
            { type: 'tool-call', id: 'c2', name: 'f', input: {}, rawInput: '' },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'one' }] },
            { type: 'tool-result', callId: 'c2', content: [{ type: 'text', text: 'two' }] },
            { type: 'text', text: 'And?' },
          ],
        },
      ],
      tools: [{ type: 'function', name: 'f', inputSchema: { type: 'object' }, strict: true }],
      toolChoice: { type: 'allowed', mode: 'auto', names: ['f'] },
      maxOutputTokens: 100,
      stopSequences: ['END'],
      reasoning: { effort: 'high' },
      responseFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: false },
      userId: 'u',
      extensions: { 'openai-chat': { seed: 4, $client: { includeUsage: true } } },
    });
  });

  it.each([
    [{ model: 5 }, 'model'],
    [{ model: '' }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'c' }] }] }, 'messages[0].tool_calls[0].function'],
    [{ tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [{ tool_choice: 'maybe' }, 'tool_choice'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ stop: [1] }, 'stop[0]'],
    [{ stream: 'yes' }, 'stream'],
    [{ response_format: { type: 'xml' } }, 'response_format.type'],
  ])('names the field that is wrong in %j', (body, field) => {
    expect(() => decode(body as JsonObject)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', status: 400, message: expect.stringContaining(`${field}:`) }),
    );
  });

  it('F67 refuses more than one choice and audio, and says what can do it', () => {
    for (const body of [{ n: 2 }, { modalities: ['text', 'audio'] }]) {
      expect(() => decode(body as JsonObject)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', status: 400 }));
    }
    const audio = { type: 'input_audio', input_audio: { data: 'x', format: 'wav' } };
    expect(() => conversation({ role: 'user', content: [audio] })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
    expect(decode({ n: 1 }).extensions).toBeUndefined();
  });

  it('F67 keeps every other field for targets of this format', () => {
    const own = {
      logit_bias: { 5: 1 },
      presence_penalty: 1,
      provider: { order: ['a'] },
      verbosity: 'low',
      unheard_of: [1],
    };
    expect(decode(own).extensions).toEqual({ 'openai-chat': own });
  });

  it('F60 reads every spelling of reasoning options', () => {
    expect(decode({ reasoning: { effort: 'low', exclude: true, summary: 'auto' } })).toMatchObject({
      reasoning: { effort: 'low', display: 'omitted' },
      extensions: { 'openai-chat': { 'reasoning.summary': 'auto' } },
    });
    expect(decode({ reasoning: { max_tokens: 2_000 } }).reasoning).toEqual({ mode: 'budget', budgetTokens: 2_000 });
    expect(decode({ thinking: { type: 'enabled', budget_tokens: 9 } }).reasoning).toEqual({
      mode: 'budget',
      budgetTokens: 9,
    });
    expect(decode({ thinking: { type: 'disabled' } }).reasoning).toEqual({ mode: 'disabled' });
    expect(decode({ enable_thinking: true }).reasoning).toEqual({ mode: 'adaptive' });
    expect(decode({ reasoning_effort: 'none' }).reasoning).toEqual({ mode: 'disabled', effort: 'none' });
    expect(decode({ reasoning_effort: 'ultra' })).toMatchObject({
      extensions: { 'openai-chat': { reasoning_effort: 'ultra' } },
    });
  });

  it('prefers the newer of two names for one thing', () => {
    expect(decode({ max_tokens: 5, max_completion_tokens: 7 }).maxOutputTokens).toBe(7);
    expect(decode({ max_tokens: 5, max_completion_tokens: null }).maxOutputTokens).toBe(5);
    expect(decode({ user: 'a', safety_identifier: 'b' }).userId).toBe('b');
  });

  it('reads reasoning in the history, whose state goes back to where it came from', () => {
    const details = [{ type: 'reasoning.text', text: 'hm', signature: 'sig', format: 'anthropic-claude-v1', index: 0 }];
    const read = (message: JsonObject) =>
      conversation(
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y', ...message },
      ).messages[1]?.content.slice(0, -1);
    expect(read({ reasoning_content: 'hm' })).toEqual([{ type: 'reasoning', text: 'hm' }]);
    expect(read({ reasoning: 'hm', reasoning_details: details })).toEqual([
      { type: 'reasoning', text: 'hm', state: { origin: 'openrouter', data: details } },
    ]);
    expect(read({ reasoning_details: [{ ...details[0], id: 'signalbox-anthropic' }] })).toEqual([
      { type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'sig' } },
    ]);
    expect(read({ reasoning: 'hm', reasoning_details: [{ type: 'reasoning.encrypted', data: 'e' }] })).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        state: { origin: 'openrouter', data: [{ type: 'reasoning.encrypted', data: 'e' }] },
      },
    ]);
  });

  it('F88 makes a custom tool a function with one string, its calls likewise, and notes it', () => {
    const notes = new Notes();
    const custom = {
      name: 'patch',
      description: 'Edits.',
      format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
    };
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'patch', input: '*** "x"' } }] },
    ];
    const { tools, messages: decoded } = openaiChat.decodeRequest(
      { model: 'm', messages, tools: [{ type: 'custom', custom }] },
      { headers: {}, notes },
    );
    expect(tools).toMatchObject([
      {
        type: 'function',
        name: 'patch',
        description: expect.stringContaining('start: "x"'),
        inputSchema: { required: ['input'] },
      },
    ]);
    expect(decoded[1]?.content).toMatchObject([{ type: 'tool-call', input: { input: '*** "x"' } }]);
    expect(notes.list).toMatchObject([{ path: 'tools[0]', action: 'mapped' }]);
  });

  it('takes the deprecated functions', () => {
    const { tools, toolChoice, messages } = decode({
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: 'r' },
      ],
    });
    expect(tools).toMatchObject([{ type: 'function', name: 'f' }]);
    expect(toolChoice).toEqual({ type: 'tool', name: 'f' });
    const [call] = messages[1]?.content ?? [];
    const [result] = messages[2]?.content ?? [];
    expect(call).toMatchObject({ type: 'tool-call', name: 'f' });
    expect(result).toMatchObject({ type: 'tool-result', callId: (call as { id: string }).id });
  });

  it('reads URLs, files and parts it does not know', () => {
    const parts = [
      { type: 'image_url', image_url: { url: 'https://a.example/x.png' } },
      { type: 'image_url', image_url: 'data:image/svg+xml,%3Csvg/%3E' },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'video_url', video_url: { url: 'https://a.example/v' } },
      { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ];
    expect(conversation({ role: 'user', content: parts }).messages[0]?.content).toEqual([
      { type: 'image', source: { type: 'url', url: 'https://a.example/x.png' } },
      {
        type: 'image',
        source: { type: 'base64', mediaType: 'image/svg+xml', data: Buffer.from('<svg/>').toString('base64') },
      },
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, title: 'a.pdf' },
      { type: 'document', source: { type: 'file', fileId: 'file-1', format: 'openai-chat' } },
      { type: 'opaque', format: 'openai-chat', value: parts[4] },
      { type: 'text', text: 'x', cacheControl: { ttl: '1h' } },
    ]);
  });

  const left = (body: JsonObject): string[] => {
    const notes = new Notes();
    notes.foreignExtensions(decode(body).extensions, 'anthropic-messages', '');
    return notes.list.map(({ path, action }) => `${path} ${action}`);
  };
  const again = (body: JsonObject) => openaiChat.encodeRequest(decode(body), testTarget());

  it('F42 knows OpenAI’s cache breakpoints as what others have, too', () => {
    const part = { type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } };
    const image = { type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'auto' } };
    const request = decode({ messages: [{ role: 'user', content: [part, image] }] });
    expect(request.messages[0]?.content).toMatchObject([{ cacheControl: { ttl: '1h' } }, { type: 'image' }]);
    const notes = new Notes();
    for (const block of request.messages[0]?.content ?? []) {
      if (block.type !== 'opaque') notes.foreignExtensions(block.extensions, 'gemini', 'x');
    }
    expect(notes.list).toEqual([]);
    expect(openaiChat.encodeRequest(request, testTarget()).messages).toEqual([
      { role: 'user', content: [part, image] },
    ]);
  });

  it('leaves no note for what is so anyway, and gives it back to this format', () => {
    const body = {
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      logprobs: false,
      top_logprobs: 0,
      store: false,
      service_tier: 'auto',
      verbosity: 'medium',
      metadata: {},
      modalities: ['text'],
    };
    expect(left(body)).toEqual([]);
    expect(again(body)).toMatchObject(body);
    const narrow = testTarget();
    openaiChat.with({ parameters: [] }).encodeRequest(decode(body), narrow);
    expect(narrow.notes.list).toEqual([]);
  });

  it('names as no loss what nothing hangs on', () => {
    const body = {
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      prompt_cache_options: { mode: 'explicit' },
      service_tier: 'default',
      safety_identifier: 'who',
      user: 'bucket',
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    };
    expect(left(body)).toEqual([
      'user mapped',
      'prompt_cache_key mapped',
      'prompt_cache_retention mapped',
      'prompt_cache_options mapped',
      'service_tier mapped',
      'stream_options.include_obfuscation mapped',
    ]);
    expect(again(body)).toMatchObject(body);
    expect(left({ prompt_cache_options: { prewarm: true } })).toEqual(['prompt_cache_options dropped']);
  });

  it('names just what only this format has', () => {
    expect(left({ reasoning: { effort: 'low', summary: 'auto' }, reasoning_effort: 'colossal' })).toEqual([
      'reasoning_effort dropped',
      'reasoning.summary dropped',
    ]);
  });

  it('leaves no note for what the client’s own encoder honours', () => {
    const notes = new Notes();
    const { extensions } = decode({ stream: true, stream_options: { include_usage: true }, seed: 1 });
    notes.foreignExtensions(extensions, 'anthropic-messages', '');
    expect(notes.list).toMatchObject([{ path: 'seed', action: 'dropped' }]);
  });
});
