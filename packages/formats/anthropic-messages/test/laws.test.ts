import { describe, expect, it } from '@jest/globals';
import {
  type Block,
  type ChatRequest,
  type JsonObject,
  keepOwn,
  type Message,
  SignalboxError,
  type StreamEvent,
  type TextBlock,
} from '@signalbox/kit';
import fc from 'fast-check';
import { anthropicMessages } from '../src/index.ts';
import { client, decodeRequest, decodeStream, encode, frames } from './support.ts';

const ID = 'anthropic-messages';
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '');
const key = fc.stringMatching(/^[a-z]{1,6}$/);
const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonObject[string]>;
const object = fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

/** Each key is there or not, as an optional property is. */
const some = <T extends object>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(model, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Partial<T>>;

const cached = some({
  cacheControl: fc.constantFrom({}, { ttl: '5m' as const }, { ttl: '1h' as const }),
  extensions: fc
    .constantFrom<JsonObject>({ unknown_field: { a: [1] } }, { another: 'x' })
    .map((own) => ({ [ID]: own })),
});

const text: fc.Arbitrary<TextBlock> = fc.tuple(word, cached).map(([text, base]) => ({ type: 'text', text, ...base }));
const cited = fc.tuple(word, object).map(
  ([text, citation]): Block => ({
    type: 'text',
    text,
    extensions: { [ID]: { deltas: [{ type: 'citations_delta', citation }] } },
  }),
);
const source = fc.constantFrom(
  { type: 'base64' as const, mediaType: 'image/png', data: 'AAAA' },
  { type: 'url' as const, url: 'https://example.test/a' },
  { type: 'file' as const, fileId: 'file_1', format: ID },
);
const image = fc.tuple(source, cached).map(([source, base]): Block => ({ type: 'image', source, ...base }));
const pdf = { type: 'base64' as const, mediaType: 'application/pdf', data: 'AAAA' };
const document = fc
  .tuple(
    fc.oneof(
      fc.constant(pdf),
      word.map((text) => ({ type: 'text' as const, text })),
      fc.array(text, { minLength: 1, maxLength: 2 }).map((content) => ({ type: 'content' as const, content })),
    ),
    some({ title: word, context: word }),
    cached,
  )
  .map(([source, said, base]): Block => ({ type: 'document', source, ...said, ...base }));
const found = fc.tuple(word, word, text).map(
  ([title, context, found]): Block => ({
    type: 'document',
    source: { type: 'content', content: [found] },
    title,
    context,
    extensions: { [ID]: { search_result: true } },
  }),
);
const opaque = object.map(
  (more): Block => ({ type: 'opaque', format: ID, value: { ...more, type: 'not_invented_yet' } }),
);
const signed = fc
  .tuple(fc.string(), word, fc.constantFrom('anthropic', 'deepseek'))
  .map(([text, data]): Block => ({ type: 'reasoning', text, state: { origin: 'anthropic', data } }));
const redacted = word.map(
  (data): Block => ({ type: 'reasoning', text: '', state: { origin: 'anthropic', data }, redacted: true }),
);
const said = fc.array(fc.oneof(text, image, document, found, opaque), { minLength: 1, maxLength: 3 });
const call = fc
  .tuple(fc.stringMatching(/^[a-zA-Z0-9_-]{8,12}$/), key, object, cached)
  .map(([id, name, input, base]) => ({ type: 'tool-call' as const, id, name, input, ...base }));
const answered = fc.array(
  fc.tuple(call, fc.array(fc.oneof(text, image), { maxLength: 2 }), some({ isError: fc.boolean() })),
  {
    maxLength: 2,
  },
);

/** An assistant turn and the user turn that answers its calls, in any order. */
const exchange = fc
  .tuple(
    fc.array(fc.oneof(signed, redacted), { maxLength: 2 }),
    fc.array(fc.oneof(text, cited, opaque), { minLength: 1, maxLength: 2 }),
    answered,
    fc.boolean(),
    said,
  )
  .map(([reasoning, texts, answers, reversed, rest]): Message[] => {
    const calls = [...new Map(answers.map((answer) => [answer[0].id, answer])).values()];
    const results = calls.map(
      ([{ id }, content, error]): Block => ({ type: 'tool-result', callId: id, content, ...error }),
    );
    return [
      { role: 'assistant', content: [...reasoning, ...texts, ...calls.map(([block]) => block)] },
      { role: 'user', content: [...(reversed ? results.reverse() : results), ...rest] },
    ];
  });

const tool = fc.oneof(
  fc
    .tuple(key, some({ description: word, strict: fc.boolean(), cacheControl: fc.constant({}) }))
    .map(([name, more]) => ({ type: 'function' as const, name, inputSchema: { type: 'object' }, ...more })),
  key.map((name) => ({
    type: 'opaque' as const,
    format: ID,
    name,
    value: { type: 'web_search_20250305', name },
    webSearch: {},
  })),
);

const request = fc
  .record({
    stream: fc.boolean(),
    system: fc.array(text, { maxLength: 2 }),
    first: said,
    exchanges: fc.array(exchange, { maxLength: 3 }),
    reminder: fc.option(word, { nil: undefined }),
    tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
    choice: fc.constantFrom('auto' as const, 'required' as const, 'none' as const, 'first' as const, undefined),
    more: some<Pick<ChatRequest, 'maxOutputTokens' | 'stopSequences' | 'userId' | 'reasoning' | 'responseFormat'>>({
      maxOutputTokens: fc.nat(),
      stopSequences: fc.array(word, { maxLength: 2 }),
      userId: word,
      reasoning: fc.constantFrom<NonNullable<ChatRequest['reasoning']>>(
        { mode: 'adaptive' },
        { mode: 'adaptive', effort: 'max', display: 'omitted' },
        { mode: 'disabled', effort: 'low' },
        { effort: 'medium' },
      ),
      responseFormat: object.map((schema) => ({ type: 'json-schema' as const, schema })),
    }),
    extras: object,
  })
  .map(({ first, exchanges, reminder, choice, more, tools, extras, ...rest }): ChatRequest => {
    const messages: Message[] = [{ role: 'user', content: first }, ...exchanges.flat()];
    if (reminder !== undefined) messages.push({ role: 'system', content: [{ type: 'text', text: reminder }] });
    const own: JsonObject = {};
    for (const [name, extra] of Object.entries(extras)) keepOwn(own, `x_${name}`, extra ?? null, 'loss');
    const toolChoice =
      choice === 'first' ? ({ type: 'tool', name: tools[0]?.name ?? '' } as const) : choice && { type: choice };
    return {
      model: 'some-model',
      ...rest,
      messages,
      tools,
      ...(toolChoice === undefined ? {} : { toolChoice }),
      ...(toolChoice === undefined || choice === 'none' ? {} : { parallelToolCalls: choice === 'auto' }),
      ...more,
      extensions: { [ID]: own },
    };
  });

/** `null` and an empty string of results say nothing, so they come back as nothing. */
const meaning = (value: unknown) => JSON.parse(JSON.stringify(value, (_, part) => (part === null ? undefined : part)));

describe('laws', () => {
  it('a request that this format can say is decoded to what was encoded', () => {
    fc.assert(
      fc.property(request, (given) => {
        const { body, notes } = encode(given);
        const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
        expect(meaning(decodeRequest(wire))).toEqual(meaning(given));
        expect(notes).toEqual([]);
        expect(JSON.stringify(encode(given).body)).toBe(JSON.stringify(body));
      }),
      { numRuns: 300 },
    );
  });

  it('encoding leaves its request as it was', () => {
    fc.assert(
      fc.property(request, (given) => {
        const before = JSON.stringify(given);
        encode(given, {}, anthropicMessages.with({ mergesRoles: false, cacheControl: false, extraFields: [] }));
        encode({ ...given, messages: [...given.messages].reverse() });
        expect(JSON.stringify(given)).toBe(before);
      }),
    );
  });

  it('whatever the order of messages, every call is answered right after it and every result has its call', () => {
    const shuffled = fc.tuple(request, fc.infiniteStream(fc.nat())).map(([given, random]) => ({
      ...given,
      messages: given.messages.filter(() => Number(random.next().value) % 3 > 0),
    }));
    fc.assert(
      fc.property(shuffled, (given) => {
        const { extensions: _, ...foreign } = given;
        const messages = encode(foreign).body.messages as { role: string; content: JsonObject[] | string }[];
        expect(messages[0]?.role).toBe('user');
        messages.forEach(({ role, content }, index) => {
          const blocks = typeof content === 'string' ? [] : content;
          const results = blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => tool_use_id);
          const before = messages[index - 1]?.content ?? [];
          const calls =
            typeof before === 'string' ? [] : before.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
          expect(new Set(results)).toEqual(new Set(calls));
          expect(
            blocks.slice(0, results.length).every(({ type }) => type === 'tool_result') || role === 'assistant',
          ).toBe(true);
          if (role !== 'system') expect(messages[index - 1]?.role).not.toBe(role);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('arbitrary JSON is a request or an error of ours', () => {
    const block = fc.record(
      {
        type: fc.constantFrom('text', 'tool_use', 'tool_result', 'image', 'document', 'x'),
        text: value,
        id: value,
        source: value,
        content: value,
      },
      { requiredKeys: ['type'] },
    );
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant', 'system', 'x'),
      content: fc.oneof(value, fc.array(block)),
    });
    const body = fc.record({
      model: fc.constantFrom('m', 1),
      max_tokens: fc.constantFrom(1, 'x'),
      messages: fc.array(message),
      system: value,
      tools: fc.oneof(value, fc.array(value)),
      thinking: value,
      output_config: value,
    });
    fc.assert(
      fc.property(body, (wire) => {
        try {
          encode(decodeRequest(wire as unknown as JsonObject));
        } catch (error) {
          expect(SignalboxError.is(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('streamed blocks that only this format has survive encoding and decoding', () => {
    const server: StreamEvent[] = [
      { type: 'message-start' },
      {
        type: 'block-start',
        index: 0,
        block: {
          type: 'opaque',
          format: ID,
          value: { type: 'server_tool_use', id: 's', name: 'n', input: { q: 'x' } },
        },
      },
      { type: 'block-end', index: 0 },
      { type: 'block-start', index: 1, block: { type: 'text' } },
      { type: 'text-delta', index: 1, text: 'x' },
      { type: 'extension-delta', index: 1, format: ID, value: { type: 'citations_delta', citation: { a: 1 } } },
      { type: 'block-end', index: 1 },
      { type: 'message-end', stopReason: 'pause-turn', extensions: { [ID]: { container: { id: 'c' } } } },
    ];
    const text = anthropicMessages.createStreamEncoder(client()).encode(server);
    const decoded = decodeStream([text]).filter(({ type }) => type !== 'usage' && type !== 'message-start');
    expect(decoded).toEqual(
      server
        .slice(1)
        .map((event) => (event.type === 'message-end' ? { ...event, rawStopReason: 'pause_turn' } : event)),
    );
    expect(frames(text).at(-2)?.data.delta).toMatchObject({ container: { id: 'c' } });
  });
});
