import { describe, expect, it } from '@jest/globals';
import { type Block, type ChatReply, type ChatRequest, errors, type JsonObject, messageToEvents } from '@signalbox/kit';
import { decode, parseFrames, testClient, testRequest } from '../test/support.ts';
import { gemini } from './index.ts';

const shown = testRequest({ reasoning: { display: 'summarized' } });
const reply = (content: readonly Block[], more: Partial<ChatReply> = {}): ChatReply => ({
  content,
  stopReason: 'end-turn',
  ...more,
});
const whole = (given: ChatReply, request: ChatRequest = shown, client = testClient(request)): JsonObject[] => {
  const [candidate] = gemini.encodeReply(given, client).candidates as [{ content: { parts: JsonObject[] } }];
  return candidate.content.parts;
};
const stream = (given: ChatReply, request: ChatRequest = shown, client = testClient(request)) =>
  gemini.createStreamEncoder(client).encode(messageToEvents(given));
const streamed = (given: ChatReply, request: ChatRequest = shown): JsonObject[] =>
  parseFrames(stream(given, request)).flatMap(
    ({ candidates }) => (candidates as [{ content: { parts: JsonObject[] } }])[0].content.parts,
  );
const backAgain = (parts: JsonObject[]): readonly Block[] =>
  decode({
    contents: [
      { role: 'user', parts: [{ text: 'x' }] },
      { role: 'model', parts },
    ],
  }).messages[1]?.content ?? [];
const call = { type: 'tool-call' as const, id: 'a', name: 'f', input: { x: 1 } };

const foreign: readonly Block[] = [
  { type: 'reasoning', text: 'Thinking.', state: { origin: 'anthropic', data: 'c2ln' } },
  { type: 'reasoning', text: '', state: { origin: 'anthropic', data: 'cmVk' }, redacted: true },
  { type: 'text', text: 'Hello' },
  { type: 'reasoning', text: 'More.', state: { origin: 'deepseek', data: {} } },
  call,
];

describe('reasoning of other origins', () => {
  it.each([
    ['whole', whole],
    ['streamed', streamed],
  ])(
    'F70 F73 F75 comes back as it was, from clients that keep everything and from those that drop thoughts (%s)',
    (_name, encode) => {
      for (const request of [shown, testRequest()]) {
        const parts = encode(reply(foreign), request);
        for (const kept of [parts, parts.filter(({ thought }) => thought !== true)]) {
          expect(backAgain(kept)).toEqual(foreign);
        }
      }
    },
  );

  it('is shown to a client that asked for thoughts, and to no other: it would take them for the answer', () => {
    const texts = (request: ChatRequest) =>
      whole(reply(foreign), request)
        .map(({ text }) => text ?? '')
        .join('|');
    expect(texts(shown)).toContain('Thinking.');
    expect(texts(testRequest())).not.toContain('Thinking.');
  });

  it('stands in signatures that are base64, as SDKs want them', () => {
    for (const { thoughtSignature } of whole(reply(foreign))) {
      if (thoughtSignature === undefined) continue;
      expect(Buffer.from(String(thoughtSignature), 'base64').toString('base64')).toBe(thoughtSignature);
    }
  });

  it('comes back from a client that turned it into URL-safe base64', () => {
    const safe = whole(reply(foreign)).map((part) =>
      typeof part.thoughtSignature === 'string'
        ? { ...part, thoughtSignature: Buffer.from(part.thoughtSignature, 'base64').toString('base64url') }
        : part,
    );
    expect(backAgain(safe)).toEqual(foreign);
  });
});

describe('reasoning of Gemini’s own', () => {
  const own = (data: JsonObject) => ({ type: 'reasoning' as const, text: '', state: { origin: 'gemini', data } });

  it.each([
    ['whole', whole],
    ['streamed', streamed],
  ])('F69 signs the very parts that it came on (%s)', (_name, encode) => {
    const content: Block[] = [
      {
        type: 'reasoning',
        text: 'T',
        state: { origin: 'gemini', data: { thoughtSignature: 'QQ==', part: 'call', callId: 'a' } },
      },
      call,
      { ...call, id: 'b' },
      { type: 'text', text: 'x' },
      own({ thoughtSignature: 'Qg==', part: 'empty' }),
    ];
    const parts = encode(reply(content));
    expect(parts.filter(({ thoughtSignature }) => thoughtSignature !== undefined)).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { x: 1 } }, thoughtSignature: 'QQ==' },
      { text: '', thoughtSignature: 'Qg==' },
    ]);
    expect(backAgain(parts).filter(({ type }) => type === 'reasoning')).toEqual(
      content.filter(({ type }) => type === 'reasoning'),
    );
  });
});

describe('a reply', () => {
  it.each([false, true])('F31 notes what of the prompt went into a cache (streamed: %s)', (asStream) => {
    const client = testClient(shown);
    const given = reply([{ type: 'text', text: 'x' }], { usage: { promptTokens: 9, cacheWriteTokens: 4 } });
    if (asStream) stream(given, shown, client);
    else gemini.encodeReply(given, client);
    expect(client.notes.list).toMatchObject([{ path: 'usage.cacheWriteTokens', action: 'dropped' }]);
  });

  it('has the model that was asked for, a fresh id and its usage', () => {
    const usage = {
      promptTokens: 161,
      cacheReadTokens: 40,
      completionTokens: 65,
      reasoningTokens: 31,
      extensions: { gemini: { toolUsePromptTokenCount: 100 } },
    };
    const body = gemini.encodeReply(
      reply([{ type: 'text', text: 'x' }], { id: 'upstream', model: 'other', usage }),
      testClient(),
    );
    expect(body).toMatchObject({
      modelVersion: 'asked-model',
      usageMetadata: {
        promptTokenCount: 61,
        cachedContentTokenCount: 40,
        toolUsePromptTokenCount: 100,
        candidatesTokenCount: 34,
        thoughtsTokenCount: 31,
        totalTokenCount: 226,
      },
    });
    expect(body.responseId).toMatch(/^[\w-]{24}$/);
  });

  it.each([
    ['stop-sequence', undefined, 'STOP'],
    ['refusal', 'content_filter', 'SAFETY'],
    ['refusal', 'RECITATION', 'RECITATION'],
    ['max-tokens', 'CONTINUATION', 'CONTINUATION'],
    ['context-window-exceeded', undefined, 'MAX_TOKENS'],
    ['end-turn', 'OTHER', 'STOP'],
    ['max-tokens', 'OTHER', 'OTHER'],
  ] as const)('%s (%s) is %s', (stopReason, rawStopReason, word) => {
    const given = reply([{ type: 'text', text: 'x' }], {
      stopReason,
      ...(rawStopReason === undefined ? {} : { rawStopReason }),
    });
    expect(gemini.encodeReply(given, testClient())).toMatchObject({ candidates: [{ finishReason: word }] });
    expect(parseFrames(stream(given)).at(-1)).toMatchObject({ candidates: [{ finishReason: word }] });
  });

  it('F06 has whole arguments, and says where they are no JSON', () => {
    const client = testClient();
    const content = [{ ...call, input: {}, rawInput: '{"a":' }];
    expect(whole(reply(content), shown, client)).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { _raw: '{"a":' } } },
    ]);
    expect(client.notes.list).toMatchObject([{ action: 'approximated' }]);
    expect(streamed(reply(content))[0]).toEqual({ functionCall: { id: 'a', name: 'f', args: { _raw: '{"a":' } } });
  });

  it.each(['max-tokens', 'context-window-exceeded'] as const)(
    'F11 leaves out a call that the limit cut: %s',
    (stopReason) => {
      const cut = { ...call, id: 'b', input: {}, rawInput: '{"path":"/etc' };
      const given = reply([{ type: 'text', text: 'x' }, call, cut], { stopReason });
      const clients = [testClient(), testClient()] as const;
      const text = gemini.createStreamEncoder(clients[1]).encode(messageToEvents(given));
      for (const said of [JSON.stringify(gemini.encodeReply(given, clients[0])), text]) {
        expect(said).toContain('"id":"a"');
        expect(said).not.toContain('/etc');
        expect(said).toContain('MAX_TOKENS');
      }
      for (const { notes } of clients) {
        expect(notes.list).toMatchObject([
          { path: 'content[2]', action: 'dropped', reason: expect.stringContaining('cut') },
        ]);
      }
    },
  );

  it('tool ids never repeat in a session', () => {
    const request = testRequest({ messages: [{ role: 'assistant', content: [call] }] });
    const [part] = whole(reply([call]), request) as [{ functionCall: { id: string } }];
    expect(part.functionCall.id).not.toBe('a');
  });

  it('cites what other formats cite, in bytes', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://a.example',
      title: 'A',
      cited_text: 'c',
      encrypted_index: 'e',
    };
    const content: Block[] = [
      { type: 'text', text: 'Ü. ' },
      {
        type: 'text',
        text: 'Rain.',
        extensions: {
          'anthropic-messages': {
            deltas: [{ type: 'citations_delta', citation, $citations: [{ url: citation.url, title: 'A' }] }],
          },
        },
      },
    ];
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
      groundingSupports: [{ segment: { startIndex: 4, endIndex: 9, text: 'Rain.' }, groundingChunkIndices: [0] }],
    };
    expect(gemini.encodeReply(reply(content), testClient())).toMatchObject({ candidates: [{ groundingMetadata }] });
    expect(parseFrames(stream(reply(content))).at(-1)).toMatchObject({ candidates: [{ groundingMetadata }] });
  });

  it('notes what it cannot hold', () => {
    const client = testClient();
    gemini.encodeReply(
      reply(
        [
          { type: 'opaque', format: 'anthropic-messages', value: { type: 'server_tool_use' } },
          { type: 'text', text: 'x', extensions: { x: { deltas: [{ type: 'odd' }] } } },
        ],
        { extensions: { 'openai-chat': { service_tier: 'flex' } } },
      ),
      client,
    );
    expect(client.notes.list.map(({ path }) => path)).toEqual(['service_tier', 'content[0]', 'content[1]']);
  });

  it('gives back what only this format said', () => {
    const own = {
      modelStatus: { modelStage: 'STABLE' },
      safetyRatings: [{ category: 'X' }],
      continuationToken: 'eA==',
    };
    const given = reply([{ type: 'text', text: 'x' }], { extensions: { gemini: own } });
    const { modelStatus, ...candidate } = own;
    expect(gemini.encodeReply(given, testClient())).toMatchObject({ modelStatus, candidates: [candidate] });
    expect(parseFrames(stream(given)).at(-1)).toMatchObject({ modelStatus, candidates: [candidate] });
  });
});

describe('the stream', () => {
  it('F20 keeps alive with frames alone: Google’s clients fail on comments and blank lines', () => {
    const encoder = gemini.createStreamEncoder(testClient());
    for (const sign of [encoder.open(), encoder.keepAlive()]) {
      expect(parseFrames(sign)).toEqual([{ modelVersion: 'asked-model', responseId: expect.any(String) }]);
    }
    encoder.encode(messageToEvents(reply([{ type: 'text', text: 'x' }])));
    expect(encoder.keepAlive()).toBe('');
  });

  it('F17 F18 fails with a numeric code, by which clients know an error', () => {
    const encoder = gemini.createStreamEncoder(testClient());
    expect(parseFrames(encoder.fail(errors.cutStream('Cut.')))).toMatchObject([
      { error: { code: 502, message: 'Cut.', status: 'INTERNAL' } },
    ]);
    expect(encoder.fail(errors.cutStream('Again.'))).toBe('');
  });

  describe('without alt=sse', () => {
    const arrayRequest = (query: string) =>
      decode({ contents: [{ role: 'user', parts: [{ text: 'x' }] }] }, { query, stream: true });

    it('is one JSON array', () => {
      const client = testClient(arrayRequest('key=x'));
      const encoder = gemini.createStreamEncoder(client);
      expect(encoder.contentType).toContain('application/json');
      const events = messageToEvents(reply([{ type: 'text', text: 'Hello' }, call], { stopReason: 'tool-call' }));
      const wire =
        encoder.open() + encoder.encode(events.slice(0, 3)) + encoder.keepAlive() + encoder.encode(events.slice(3));
      const list = JSON.parse(wire) as { candidates: [{ content: { parts: JsonObject[] } }] }[];
      expect(list.flatMap(({ candidates }) => candidates[0].content.parts)).toMatchObject([
        { text: 'Hello' },
        { functionCall: { name: 'f' } },
        { text: '' },
      ]);
    });

    it('F21 ends with the error, and does not parse where it is cut', () => {
      const encoder = gemini.createStreamEncoder(testClient(arrayRequest('')));
      const begun = encoder.encode(messageToEvents(reply([{ type: 'text', text: 'Hello' }])).slice(0, 3));
      expect(() => JSON.parse(begun)).toThrow();
      expect(JSON.parse(begun + encoder.fail(errors.cutStream('Cut.')))).toMatchObject([{}, { error: { code: 502 } }]);
    });

    it.each(['alt=sse', 'key=x&alt=sse', '$alt=sse', '%24alt=sse&x=1'])('but not with %s', (query) => {
      expect(gemini.createStreamEncoder(testClient(arrayRequest(query))).contentType).toContain('text/event-stream');
    });
  });
});
