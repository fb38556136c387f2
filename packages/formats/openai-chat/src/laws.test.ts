import { describe, expect, it } from '@jest/globals';
import {
  type ChatReply,
  type ChatRequest,
  collectMessage,
  type JsonObject,
  type Message,
  messageToEvents,
  Notes,
  type Usage,
} from '@signalbox/kit';
import fc from 'fast-check';
import { decodeStream, fixture, frames, joined, testClient, testRequest, testTarget } from '../test/context.ts';
import { openaiChat } from './format.ts';

const ID = 'openai-chat';
const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const prose = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
const json = fc
  .dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const text = prose.map((value) => ({ type: 'text', text: value }) as const);
const image = fc.oneof(
  fc
    .base64String({ minLength: 4, maxLength: 12 })
    .map((data) => ({ type: 'image', source: { type: 'base64', mediaType: 'image/png', data } }) as const),
  word.map(
    (path) =>
      ({
        type: 'image',
        source: { type: 'url', url: `https://a.example/${path}` },
        extensions: { [ID]: { detail: 'low' } },
      }) as const,
  ),
);
const pdf = fc
  .tuple(word, fc.base64String({ minLength: 4, maxLength: 12 }))
  .map(
    ([title, data]) =>
      ({ type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data }, title }) as const,
  );
const userContent = fc.array(fc.oneof(text, image, pdf), { minLength: 1, maxLength: 3 });
const call = fc.record({ name: word, input: json });

/** A user turn, an assistant turn with calls or without, the results. Ids differ, as they do in a session. */
const turn = fc
  .record({
    user: userContent,
    named: fc.boolean(),
    reasoning: fc.option(prose),
    text: fc.option(text),
    calls: fc.array(call, { maxLength: 3 }),
    rest: fc.option(text),
    system: fc.option(text),
  })
  .filter(({ text: said, calls }) => said !== null || calls.length > 0);

const messages = fc
  .array(turn, { maxLength: 3 })
  .chain((turns) =>
    userContent.map((last): Message[] => {
      const all = turns.flatMap(({ user, named, reasoning, text: said, calls, rest, system }, at): Message[] => [
        { role: 'user', content: user, ...(named ? { extensions: { [ID]: { name: 'ann' } } } : {}) },
        {
          role: 'assistant',
          content: [
            ...(reasoning === null ? [] : [{ type: 'reasoning', text: reasoning } as const]),
            ...(said === null ? [] : [said]),
            ...calls.map(
              ({ name, input }, index) =>
                ({
                  type: 'tool-call',
                  id: `call_${at}_${index}`,
                  name,
                  input,
                  rawInput: JSON.stringify(input),
                }) as const,
            ),
          ],
        },
        ...(calls.length === 0
          ? []
          : [
              {
                role: 'user',
                content: [
                  ...calls.map(
                    (_, index) =>
                      ({
                        type: 'tool-result',
                        callId: `call_${at}_${index}`,
                        content: [{ type: 'text', text: 'done' }],
                      }) as const,
                  ),
                  ...(rest === null ? [] : [rest]),
                ],
              } as const,
            ]),
        ...(system === null ? [] : [{ role: 'system', content: [system] } as const]),
      ]);
      // After results a user message would be one with them.
      return [
        ...all,
        { role: 'system', content: [{ type: 'text', text: 'Now:' }] },
        { role: 'user', content: last },
      ].filter((message, index) => index > 0 || message.role !== 'system') as Message[];
    }),
  )
  .map(separated);

/** A user message right behind results is one message with them on this wire: a system message keeps them apart. */
function separated(list: readonly Message[]): Message[] {
  const first = list.findIndex(({ role }) => role !== 'system');
  return list.slice(first).flatMap((message, index, all): Message[] => {
    const before = all[index - 1];
    const follows = before?.content.some(({ type }) => type === 'tool-result') === true && message.role === 'user';
    return follows ? [{ role: 'system', content: [{ type: 'text', text: 'Next.' }] }, message] : [message];
  });
}

const tools = fc.uniqueArray(
  fc.record({
    name: word,
    description: fc.option(prose, { nil: undefined }),
    schema: json,
    strict: fc.option(fc.constant(false), { nil: undefined }),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 3 },
);

const request: fc.Arbitrary<ChatRequest> = fc
  .record({
    messages,
    system: fc.option(prose),
    tools: fc.option(tools),
    choice: fc.constantFrom(undefined, 'auto', 'required', 'none', 'tool', 'allowed'),
    stream: fc.boolean(),
    numbers: fc.record(
      {
        maxOutputTokens: fc.nat(),
        temperature: fc.integer({ min: 0, max: 2 }),
        topP: fc.constant(0.5),
        topK: fc.nat(),
      },
      { requiredKeys: [] },
    ),
    stop: fc.option(fc.array(prose, { minLength: 1, maxLength: 4 })),
    effort: fc.constantFrom(undefined, 'none', 'low', 'high', 'max'),
    format: fc.option(
      fc.oneof(
        fc.constant({ type: 'json-object' } as const),
        fc.record({ type: fc.constant('json-schema' as const), schema: json, name: word, strict: fc.constant(false) }),
      ),
    ),
    userId: fc.option(word),
    seed: fc.option(fc.nat()),
  })
  .map(({ system, tools: list, choice, stream, numbers, stop, effort, format, userId, seed, ...rest }) => {
    const own: JsonObject = {
      ...(seed === null ? {} : { seed }),
      ...(stream ? { $client: { includeUsage: true } } : {}),
    };
    const names = list?.map(({ name }) => name) ?? [];
    const toolChoice =
      choice === 'tool'
        ? ({ type: choice, name: names[0] ?? '' } as const)
        : choice === 'allowed'
          ? ({ type: choice, mode: 'auto', names } as const)
          : choice === undefined
            ? undefined
            : ({ type: choice } as const);
    return {
      ...rest,
      ...numbers,
      model: 'target-model',
      stream,
      system: system === null ? [] : [{ type: 'text', text: system }],
      tools: (list ?? []).map(({ name, description, schema, strict }) => ({
        type: 'function',
        name,
        ...(description === undefined ? {} : { description }),
        inputSchema: { type: 'object', properties: {}, ...schema },
        ...(strict === undefined ? {} : { strict }),
      })),
      ...(list === null || toolChoice === undefined ? {} : { toolChoice, parallelToolCalls: false }),
      ...(stop === null ? {} : { stopSequences: stop }),
      ...(effort === undefined ? {} : { reasoning: effort === 'none' ? { mode: 'disabled', effort } : { effort } }),
      ...(format === null ? {} : { responseFormat: format }),
      ...(userId === null ? {} : { userId }),
      ...(Object.keys(own).length === 0 ? {} : { extensions: { [ID]: own } }),
    } as ChatRequest;
  });

const usage: fc.Arbitrary<Usage> = fc.record(
  {
    promptTokens: fc.nat(),
    completionTokens: fc.nat(),
    cacheReadTokens: fc.nat(),
    cacheWriteTokens: fc.nat(),
    costUsd: fc.nat(),
  },
  { requiredKeys: ['promptTokens', 'completionTokens'] },
);

/** Replies of a provider whose reasoning state is `reasoning_details`; the order is the one the wire has. */
const reply: fc.Arbitrary<ChatReply> = fc
  .record({
    reasoning: fc.option(prose),
    said: fc.option(prose),
    calls: fc.array(call, { maxLength: 3 }),
    usage: fc.option(usage, { nil: undefined }),
    cut: fc.boolean(),
  })
  .filter(({ said, calls }) => said !== null || calls.length > 0)
  .map(
    ({ reasoning, said, calls, usage: counts, cut }) =>
      ({
        model: 'asked-model',
        content: [
          ...(reasoning === null
            ? []
            : [
                {
                  type: 'reasoning',
                  text: reasoning,
                  state: {
                    origin: 'openrouter',
                    data: [{ type: 'reasoning.text', text: reasoning, signature: 's', index: 0 }],
                  },
                } as const,
              ]),
          ...(said === null ? [] : [{ type: 'text', text: said } as const]),
          ...calls.map(
            ({ name, input }, index) =>
              ({ type: 'tool-call', id: `call_${index}`, name, input, rawInput: JSON.stringify(input) }) as const,
          ),
        ],
        ...(cut
          ? { stopReason: 'max-tokens', rawStopReason: 'length' }
          : calls.length > 0
            ? { stopReason: 'tool-call', rawStopReason: 'tool_calls' }
            : { stopReason: 'end-turn', rawStopReason: 'stop' }),
        ...(counts === undefined ? {} : { usage: counts }),
      }) as ChatReply,
  );

const asksForUsage = testRequest({ stream: true, extensions: { [ID]: { $client: { includeUsage: true } } } });

function withoutId({ id: _, ...rest }: ChatReply): Omit<ChatReply, 'id'> {
  return rest;
}

describe('the laws of the format', () => {
  it('encode → decode of a request is the identity, and leaves no note', () => {
    fc.assert(
      fc.property(request, (original) => {
        const target = testTarget();
        const body = openaiChat.encodeRequest(original, target);
        const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
        expect(openaiChat.decodeRequest(wire, { headers: {}, notes: new Notes() })).toEqual(original);
        expect(target.notes.list).toEqual([]);
        expect(JSON.stringify(openaiChat.encodeRequest(original, testTarget()))).toBe(JSON.stringify(body));
      }),
      { numRuns: 300 },
    );
  });

  it('encode → decode of a whole reply is the identity but for the id', () => {
    fc.assert(
      fc.property(reply, (original) => {
        const body = openaiChat.encodeReply(original, testClient());
        expect(body.id).toMatch(/^chatcmpl-/);
        expect(withoutId(openaiChat.decodeReply(body, testTarget()))).toEqual(original);
      }),
      { numRuns: 300 },
    );
  });

  it('encode → decode of a streamed reply is the identity but for the id, and the same as the whole one', () => {
    fc.assert(
      fc.property(reply, (original) => {
        const encoder = openaiChat.createStreamEncoder(testClient(asksForUsage));
        const wire = messageToEvents(original)
          .map((event) => encoder.encode([event]))
          .join('');
        expect(withoutId(collectMessage(decodeStream(openaiChat, [Buffer.from(wire)])))).toEqual(original);
      }),
      { numRuns: 300 },
    );
  });

  it('a batch of events gives the same text as the events one by one', () => {
    const events = decodeStream(openaiChat, [fixture('thinking-tools.openrouter.stream.sse')]);
    const neutral = (wire: string) =>
      wire.replaceAll(/chatcmpl-[\w-]+/g, 'id').replaceAll(/"created":\d+/g, '"created":0');
    const batch = openaiChat.createStreamEncoder(testClient()).encode(events);
    const encoder = openaiChat.createStreamEncoder(testClient());
    expect(neutral(events.map((event) => encoder.encode([event])).join(''))).toBe(neutral(batch));
  });

  it('a stream and a whole reply of the same content decode alike', () => {
    const streamed = collectMessage(decodeStream(openaiChat, [fixture('thinking-tools.deepseek.stream.sse')]));
    const whole = openaiChat.decodeReply(
      {
        id: 'ds-1',
        model: 'deepseek-flash',
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              content: 'Reading both.',
              reasoning_content: 'The user wants two files.',
              tool_calls: [
                { id: 'call_00_q7', type: 'function', function: { name: 'Read', arguments: '{"path":"a.ts"}' } },
                { id: 'call_01_r8', type: 'function', function: { name: 'Read', arguments: '{"path":"b.ts"}' } },
              ],
            },
          },
        ],
        usage: {
          prompt_tokens: 900,
          prompt_cache_hit_tokens: 640,
          prompt_cache_miss_tokens: 260,
          completion_tokens: 77,
          completion_tokens_details: { reasoning_tokens: 30 },
          total_tokens: 977,
        },
      },
      testTarget(),
    );
    expect(streamed).toEqual(whole);
  });

  it('no body makes decodeRequest or decodeReply throw anything but a SignalboxError', () => {
    const field = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom<unknown>(
        [{ role: 'tool' }],
        [{ role: 'assistant', tool_calls: [null] }],
        [{ message: null }],
        [{ message: { tool_calls: [1] } }],
      ),
    );
    const body = fc.dictionary(
      fc.constantFrom(
        'model',
        'messages',
        'tools',
        'tool_choice',
        'stop',
        'response_format',
        'reasoning',
        'choices',
        'usage',
        'error',
        'temperature',
      ),
      field,
    );
    const onlyOurs = (act: () => unknown): void => {
      try {
        act();
      } catch (error) {
        expect(error).toMatchObject({ name: 'SignalboxError', code: expect.stringMatching(/^[A-Z_]+$/) });
      }
    };
    fc.assert(
      fc.property(body, (value) => {
        const messages = [{ role: 'user', content: 'x' }];
        onlyOurs(() =>
          openaiChat.decodeRequest({ model: 'm', messages, ...value } as JsonObject, {
            headers: {},
            notes: new Notes(),
          }),
        );
        onlyOurs(() => openaiChat.decodeReply(value as JsonObject, testTarget()));
      }),
      { numRuns: 500 },
    );
  });

  it('joined text of a stream is what the frames said', () => {
    const said = frames(
      { choices: [{ index: 0, delta: { content: 'a' } }] },
      { choices: [{ index: 0, delta: { content: 'b' }, finish_reason: 'stop' }] },
    );
    expect(joined(decodeStream(openaiChat, [said]))).toContainEqual({ type: 'text-delta', index: 0, text: 'ab' });
  });
});
