import type { StreamBlock, StreamEvent } from '@signalbox/kit';

const list = <T>(size: number, make: (index: number) => T): T[] =>
  Array.from({ length: size }, (_, index) => make(index));
const START: StreamEvent = { type: 'message-start', id: 'x', model: 'theirs' };
const text = (index: number, said: string): StreamEvent => ({ type: 'text-delta', index, text: said });
const input = (index: number, json: string): StreamEvent => ({ type: 'tool-input-delta', index, json });
const call = (index: number): StreamBlock => ({ type: 'tool-call', id: `call_${index}`, name: 'n' });
const block = (index: number, opened: StreamBlock, deltas: readonly StreamEvent[]): StreamEvent[] => [
  { type: 'block-start', index, block: opened },
  ...deltas,
  { type: 'block-end', index },
];
const answer = (
  stopReason: 'end-turn' | 'tool-call',
  ...blocks: readonly (readonly StreamEvent[])[]
): StreamEvent[] => [
  START,
  ...blocks.flat(),
  { type: 'usage', usage: { promptTokens: 1, completionTokens: 1 } },
  { type: 'message-end', stopReason },
];

/** Answers that are large in one way each, as events. */
export const LARGE_ANSWERS: Readonly<Record<string, (size: number) => StreamEvent[]>> = {
  'pieces of a text': (size) =>
    answer(
      'end-turn',
      block(
        0,
        { type: 'text' },
        list(size, () => text(0, 'word ')),
      ),
    ),
  'pieces of blanks': (size) =>
    answer('end-turn', block(0, { type: 'text' }, [...list(size, () => text(0, ' ')), text(0, 'x')])),
  'pieces of a thought': (size) =>
    answer(
      'end-turn',
      block(
        0,
        { type: 'reasoning' },
        list(size, () => ({ type: 'reasoning-delta', index: 0, text: 'hm ' })),
      ),
      block(1, { type: 'text' }, [text(1, 'x')]),
    ),
  'pieces of an argument': (size) =>
    answer('tool-call', block(0, call(0), [input(0, '{"a":"'), ...list(size, () => input(0, 'x')), input(0, '"}')])),
  'pieces of an argument full of quotes and braces': (size) =>
    answer(
      'tool-call',
      block(0, call(0), [input(0, '{"a":"'), ...list(size, () => input(0, '\\"} ')), input(0, '"}')]),
    ),
  calls: (size) => answer('tool-call', ...list(size, (index) => block(index, call(index), [input(index, '{"a":1}')]))),
  'texts and calls by turns': (size) =>
    answer(
      'tool-call',
      ...list(size, (index) =>
        index % 2 === 0
          ? block(index, { type: 'text' }, [text(index, 'so')])
          : block(index, call(index), [input(index, '{"a":1}')]),
      ),
    ),
  'thoughts and texts by turns': (size) =>
    answer(
      'end-turn',
      ...list(size, (index) =>
        index % 2 === 1
          ? block(index, { type: 'text' }, [text(index, 'so')])
          : block(index, { type: 'reasoning' }, [{ type: 'reasoning-delta', index, text: 'hm' }]),
      ),
    ),
  'citations of a text': (size) =>
    answer(
      'end-turn',
      block(0, { type: 'text' }, [
        text(0, 'word '.repeat(size)),
        ...list(
          size,
          (index): StreamEvent => ({
            type: 'extension-delta',
            index: 0,
            format: 'anthropic-messages',
            value: {
              type: 'citations_delta',
              citation: { type: 'web_search_result_location', url: `https://a.example/${index}`, cited_text: 'word' },
              $citations: [{ url: `https://a.example/${index}`, title: 't', start: index * 5, end: index * 5 + 4 }],
            },
          }),
        ),
      ]),
    ),
  'counts without end': (size) =>
    answer('end-turn', block(0, { type: 'text' }, [text(0, 'x')]), [
      ...list(size, (index): StreamEvent => ({ type: 'usage', usage: { completionTokens: index } })),
    ]),
};

const CHUNK = { id: 'c', object: 'chat.completion.chunk', model: 'm' };
const chat = (delta: object): string =>
  `data: ${JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;
const fragment = (index: number, json: string): object => ({ index, function: { arguments: json } });
const anthropic = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const responses = (type: string, fields: object): string =>
  `event: response.${type}\ndata: ${JSON.stringify({ type: `response.${type}`, ...fields })}\n\n`;

/** Streams that no encoder here writes, by the format of those who might. Each is a text to be cut anywhere. */
export const LARGE_STREAMS: Readonly<Record<string, readonly [format: string, (size: number) => string]>> = {
  'calls that interleave': [
    'openai-chat',
    (size) =>
      [0, 1]
        .map((index) =>
          chat({
            tool_calls: [
              { ...fragment(index, '{"a":"'), id: `call_${index}`, function: { name: 'n', arguments: '{"a":"' } },
            ],
          }),
        )
        .join('') +
      list(size, (index) => chat({ tool_calls: [fragment(index % 2, '} ')] })).join('') +
      [0, 1].map((index) => chat({ tool_calls: [fragment(index, '"}')] })).join('') +
      'data: [DONE]\n\n',
  ],
  'text between the pieces of a call': [
    'openai-chat',
    (size) =>
      chat({ tool_calls: [{ index: 0, id: 'call_0', function: { name: 'n', arguments: '{"a":"' } }] }) +
      list(size, (index) => chat(index % 2 === 0 ? { content: 'x' } : { tool_calls: [fragment(0, '} ')] })).join('') +
      chat({ tool_calls: [fragment(0, '"}')] }) +
      'data: [DONE]\n\n',
  ],
  'blanks before a thought': [
    'openai-chat',
    (size) =>
      `${list(size, () => chat({ content: ' ' })).join('')}${chat({ content: '<think>hm</think>x' })}data: [DONE]\n\n`,
  ],
  'details of a thought': [
    'openai-chat',
    (size) =>
      [
        ...list(size, (index) =>
          chat({ reasoning_details: [{ type: 'reasoning.text', text: 'hm', index: 0, signature: `s${index}` }] }),
        ),
        chat({ content: 'x' }),
        'data: [DONE]\n\n',
      ].join(''),
  ],
  'fields that nobody knows': [
    'openai-chat',
    (size) =>
      list(size, (index) => `data: ${JSON.stringify({ ...CHUNK, choices: [], [`k${index}`]: index })}\n\n`).join('') +
      `${chat({ content: 'x' })}data: [DONE]\n\n`,
  ],
  'an error beside the frames': [
    'openai-chat',
    (size) =>
      `${chat({ content: 'x' })}\nerror: {"message":"m"}\n\n${list(size, () => chat({ content: 'x' })).join('')}`,
  ],
  'blocks that wait for each other': [
    'anthropic-messages',
    (size) =>
      anthropic('message_start', { message: { content: [] } }) +
      list(size, (index) =>
        anthropic('content_block_start', { index, content_block: { type: 'text', text: 'a' } }),
      ).join('') +
      list(size, (index) => anthropic('content_block_delta', { index, delta: { type: 'text_delta', text: 'b' } })).join(
        '',
      ) +
      list(size, (index) => anthropic('content_block_stop', { index: size - 1 - index })).join('') +
      anthropic('message_delta', { delta: { stop_reason: 'end_turn' } }) +
      anthropic('message_stop', {}),
  ],
  'items that wait for each other': [
    'openai-responses',
    (size) =>
      responses('created', { response: {} }) +
      list(size, (index) => responses('output_text.delta', { output_index: index, content_index: 0, delta: 'a' })).join(
        '',
      ) +
      list(size, (index) =>
        responses('output_item.done', {
          output_index: size - 1 - index,
          item: { type: 'message', content: [{ type: 'output_text', text: 'a' }] },
        }),
      ).join('') +
      responses('completed', { response: { status: 'completed', output: [] } }),
  ],
  'parts of an item': [
    'openai-responses',
    (size) =>
      responses('created', { response: {} }) +
      list(size, (index) => responses('output_text.delta', { output_index: 0, content_index: index, delta: 'a' })).join(
        '',
      ) +
      responses('output_item.done', {
        output_index: 0,
        item: { type: 'message', content: list(size, () => ({ type: 'output_text', text: 'a' })) },
      }) +
      responses('completed', { response: { status: 'completed', output: [] } }),
  ],
};

/** One line, or frame, that does not end; and signs of life without end. */
export const ENDLESS: Readonly<Record<string, (size: number) => string>> = {
  'a line without an end': (size) => `data: {"a":"${'x'.repeat(size * 400)}`,
  'bytes without a line': (size) => 'x'.repeat(size * 400),
  'comments without an end': (size) => ': ping\n\n'.repeat(size * 20),
  'blank lines without an end': (size) => '\n'.repeat(size * 100),
  'returns without an end': (size) => '\r'.repeat(size * 100),
  'a frame of many lines': (size) => 'data: x\n'.repeat(size * 20),
  'lines that name nothing': (size) => 'nothing: at all\n'.repeat(size * 20),
  'empty objects': (size) => `data: {}\n\n`.repeat(size * 5),
  'empty objects on lines': (size) => '{}\n'.repeat(size * 5),
};
