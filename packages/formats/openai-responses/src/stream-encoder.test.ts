import { describe, expect, it } from '@jest/globals';
import { type ChatReply, errors, type JsonObject, messageToEvents, type StreamEvent } from '@signalbox/kit';
import { decode, encode, framesOf, testClient, testTarget } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const END: Pick<ChatReply, 'stopReason'> = { stopReason: 'end-turn' };

function stream(reply: ChatReply, client = testClient()) {
  const frames = framesOf(openaiResponses.createStreamEncoder(client).encode(messageToEvents(reply)));
  const response = frames.at(-1)?.response as JsonObject;
  return { frames, response, output: response.output as JsonObject[], notes: client.notes.list };
}

/** Without what is made up for each reply. */
function essence(response: JsonObject): JsonObject {
  const { id: _, created_at: _created, completed_at: _completed, output, ...rest } = response;
  return { ...rest, output: (output as JsonObject[]).map(({ id: _id, ...item }) => item) };
}

const REPLIES: readonly ChatReply[] = [
  {
    content: [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ],
    ...END,
  },
  { content: [{ type: 'tool-call', id: 'c', name: 'f', input: {}, rawInput: '' }], stopReason: 'tool-call' },
  {
    content: [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'a' },
    ],
    ...END,
    usage: { promptTokens: 2, completionTokens: 1 },
  },
  {
    content: [
      { type: 'reasoning', text: 'hm', state: { origin: 'x', data: { a: 1 } } },
      { type: 'text', text: 'a' },
    ],
    ...END,
  },
  { content: [{ type: 'text', text: 'half' }], stopReason: 'max-tokens' },
  { content: [{ type: 'tool-call', id: 'c', name: 'f', input: {}, rawInput: '{"a":' }], stopReason: 'max-tokens' },
  { content: [{ type: 'text', text: 'half' }], stopReason: 'refusal' },
  { content: [], stopReason: 'refusal' },
  {
    content: [
      { type: 'opaque', format: 'openai-responses', value: { type: 'web_search_call', id: 'ws', status: 'completed' } },
      { type: 'text', text: 'a' },
    ],
    ...END,
    extensions: { 'openai-responses': { service_tier: 'flex' } },
  },
];

describe('a stream', () => {
  it.each(REPLIES)('says what the whole reply says: %j', (reply) => {
    expect(essence(stream(reply).response)).toEqual(essence(openaiResponses.encodeReply(reply, testClient())));
  });

  it.each(REPLIES)('counts its events from 0: %j', (reply) => {
    const { frames } = stream(reply);
    expect(frames.map(({ sequence_number: at }) => at)).toEqual([...frames.keys()]);
  });

  it('tells a refusal that has no words piece by piece, as text to a client that shows none', () => {
    const typesOf = (client = testClient()) =>
      stream({ content: [], stopReason: 'refusal' }, client).frames.slice(2, -1);
    expect(typesOf().map(({ type }) => type)).toEqual([
      'response.output_item.added',
      'response.content_part.added',
      'response.refusal.delta',
      'response.refusal.done',
      'response.content_part.done',
      'response.output_item.done',
    ]);
    expect(typesOf()[0]?.item).toMatchObject({ status: 'in_progress', content: [] });
    expect(typesOf()[2]).toMatchObject({ output_index: 0, content_index: 0, delta: 'The model declined to answer.' });
    const codex = { ...testClient(), headers: { originator: 'codex_cli_rs' } };
    expect(typesOf(codex).find(({ type }) => type === 'response.output_text.delta')).toMatchObject({
      delta: 'The model declined to answer.',
    });
  });

  it('F35 has counts where one is known, all that clients need, and none where nothing is known', () => {
    const content = [{ type: 'text', text: 'a' }] as const;
    expect(stream({ content, ...END, usage: { promptTokens: 2 } }).response.usage).toEqual({
      input_tokens: 2,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    });
    expect(stream({ content, ...END }).response.usage).toBeNull();
  });

  it('repeats what was asked for', () => {
    const request = decode({
      instructions: 'Be kind.',
      tools: [{ type: 'function', name: 'f', parameters: {} }],
      temperature: 0.5,
      metadata: { a: 'b' },
      previous_response_id: 'resp_0',
    });
    const { frames, response } = stream({ content: [{ type: 'text', text: 'a' }], ...END }, testClient(request));
    expect(response).toMatchObject({
      model: 'asked-model',
      instructions: 'Be kind.',
      tools: [{ name: 'f' }],
      temperature: 0.5,
      metadata: { a: 'b' },
      previous_response_id: 'resp_0',
      store: false,
    });
    expect(frames[0]?.response).toMatchObject({ id: response.id, status: 'in_progress', temperature: 0.5, output: [] });
  });

  it('is named after its exchange', () => {
    const client = { ...testClient(), id: 'sbx_123' };
    expect(stream({ content: [{ type: 'text', text: 'a' }], ...END }, client).response.id).toBe('resp_sbx_123');
    expect(openaiResponses.encodeReply({ content: [], ...END }, client).id).toBe('resp_sbx_123');
  });

  it('has an argument text that parses, even where there are no arguments', () => {
    const { frames } = stream({
      content: [{ type: 'tool-call', id: 'c', name: 'f', input: {}, rawInput: '' }],
      stopReason: 'tool-call',
    });
    const pieces = frames.filter(({ type }) => type === 'response.function_call_arguments.delta');
    expect(pieces.map(({ delta }) => delta)).toEqual(['{}']);
  });

  it('gives calls ids that the session has not used', () => {
    const request = decode({ input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }] });
    const { output } = stream(
      { content: [{ type: 'tool-call', id: 'c', name: 'f', input: {} }], stopReason: 'tool-call' },
      testClient(request),
    );
    expect(output[0]?.call_id).not.toBe('c');
  });

  it('has web citations at their place in the message, and notes others', () => {
    const cited = (citation: JsonObject) => ({
      'anthropic-messages': {
        deltas: [
          {
            type: 'citations_delta',
            citation,
            ...(citation.url === undefined ? {} : { $citations: [{ url: citation.url, title: 'T' }] }),
          },
        ],
      },
    });
    const { output, notes } = stream({
      content: [
        { type: 'text', text: 'Look: ' },
        {
          type: 'text',
          text: 'noon.',
          extensions: cited({ type: 'web_search_result_location', url: 'https://a.example', title: 'T' }),
        },
        { type: 'text', text: ' Page 3.', extensions: cited({ type: 'page_location' }) },
        {
          type: 'text',
          text: ' Six.',
          extensions: {
            'openai-responses': {
              deltas: [{ annotations: [{ type: 'url_citation', start_index: 1, end_index: 4, url: 'u', title: '' }] }],
            },
          },
        },
      ],
      ...END,
    });
    expect(output).toMatchObject([
      {
        type: 'message',
        content: [
          {
            text: 'Look: noon. Page 3. Six.',
            annotations: [
              { type: 'url_citation', start_index: 6, end_index: 11, url: 'https://a.example', title: 'T' },
              { type: 'url_citation', start_index: 20, end_index: 23, url: 'u' },
            ],
          },
        ],
      },
    ]);
    expect(notes.map(({ reason }) => reason)).toEqual(['only anthropic-messages has page_location']);
  });

  it('loses no citation in silence', () => {
    const client = testClient();
    const value = {
      type: 'citations_delta',
      citation: { type: 'web_search_result_location', url: 'u' },
      $citations: [{ url: 'u' }],
    };
    const cited = (index: number) => ({ type: 'extension-delta', index, format: 'anthropic-messages', value }) as const;
    openaiResponses
      .createStreamEncoder(client)
      .encode([
        { type: 'message-start' },
        { type: 'block-start', index: 0, block: { type: 'reasoning' } },
        cited(0),
        { type: 'block-end', index: 0 },
        { type: 'block-start', index: 1, block: { type: 'text' } },
        cited(1),
        { type: 'block-end', index: 1 },
      ]);
    expect(client.notes.list.map(({ path }) => path)).toEqual(['content[0]', 'content[1]']);
  });

  it('tells another provider’s search as one of its own, and notes what has no twin', () => {
    const block = (value: JsonObject) => ({ type: 'opaque', format: 'anthropic-messages', value }) as const;
    const { output, notes } = stream({
      content: [
        {
          ...block({ type: 'server_tool_use', name: 'web_search', input: { query: 'tides' } }),
          webSearch: { query: 'tides' },
        },
        block({ type: 'web_search_tool_result', content: [] }),
        { type: 'text', text: 'a' },
      ],
      ...END,
    });
    expect(output).toMatchObject([
      { type: 'web_search_call', action: { type: 'search', query: 'tides' } },
      { type: 'message' },
    ]);
    expect(notes).toHaveLength(1);
  });

  it('F73 F76 gives withheld and foreign reasoning back as it was', () => {
    const content = [
      { type: 'reasoning', text: '', state: { origin: 'anthropic', data: 'withheld' }, redacted: true },
      { type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'sig' } },
      { type: 'text', text: 'a' },
    ] as const;
    const { output } = stream({ content, ...END });
    expect(decode({ input: output }).messages[0]?.content).toMatchObject(content);
    const own = {
      type: 'reasoning',
      text: 'hm',
      state: { origin: 'openai', data: { id: 'rs_1', encrypted_content: 'e' } },
    } as const;
    const again = stream({ content: [own, { type: 'text', text: 'a' }], ...END }).output;
    const target = testTarget();
    expect(encode(decode({ input: again }), target).input[0]).toEqual({
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'e',
    });
  });

  it('ends a message where the provider ended it, with its phase', () => {
    const phase = (word: string) => ({ 'openai-responses': { deltas: [{ type: 'phase', phase: word }] } });
    const reply: ChatReply = {
      content: [
        { type: 'text', text: 'a', extensions: phase('commentary') },
        { type: 'text', text: 'b', extensions: phase('final_answer') },
      ],
      ...END,
    };
    const whole = openaiResponses.encodeReply(reply, testClient());
    for (const output of [stream(reply).output, whole.output]) {
      expect(output).toMatchObject([{ phase: 'commentary' }, { phase: 'final_answer' }]);
    }
  });
});

describe('life and failure', () => {
  const begun: StreamEvent[] = [
    { type: 'message-start' },
    { type: 'block-start', index: 0, block: { type: 'text' } },
    { type: 'text-delta', index: 0, text: 'half' },
  ];

  it('F20 names no response beside a provider’s own stream, and takes none of its numbers', () => {
    const [frame] = framesOf(openaiResponses.createStreamEncoder(testClient()).keepAlive());
    expect(frame).toEqual({ type: 'keepalive' });
  });

  it.each([
    [errors.contextOverflow('prompt is too long'), 'context_length_exceeded'],
    [errors.rateLimited('slow'), 'rate_limit_exceeded'],
    [errors.quotaExhausted('empty'), 'insufficient_quota'],
    [errors.providerOverloaded('busy'), 'server_is_overloaded'],
    [errors.cutStream('cut'), 'server_error'],
    [errors.providerRejected(400, 'no'), 'invalid_prompt'],
  ])('F17 F21 says %s as %s, and finishes nothing', (error, code) => {
    const encoder = openaiResponses.createStreamEncoder(testClient());
    encoder.encode(begun);
    const frames = framesOf(encoder.fail(error));
    expect(frames).toMatchObject([
      { type: 'error', code, message: error.message, error: { code } },
      { type: 'response.failed', response: { status: 'failed', error: { code, message: error.message }, output: [] } },
    ]);
    expect(encoder.fail(error) + encoder.encode(begun) + encoder.keepAlive()).toBe('');
  });
});
