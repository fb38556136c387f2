import { describe, expect, it } from '@jest/globals';
import {
  type ChatReply,
  citationsIn,
  collectMessage,
  type JsonObject,
  SignalboxError,
  ToolNames,
} from '@signalbox/kit';
import { decodeStream, fixture, frames, replyOf, testTarget } from '../test/support.ts';
import { gemini } from './index.ts';

const decode = (body: JsonObject, target = testTarget()): ChatReply => gemini.decodeReply(body, target);
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (SignalboxError.is(error)) return error.code;
    throw error;
  }
  return 'none';
};
const state = (data: JsonObject) => ({ origin: 'gemini', data });

describe('parts', () => {
  it('F69 F75 keep the place of every signature, streamed as whole', () => {
    const parts = [
      { text: 'Thought one.', thought: true },
      { text: 'Said.' },
      { functionCall: { id: 'a', name: 'f', args: { x: 1 } }, thoughtSignature: 'QQ==' },
      { functionCall: { id: 'b', name: 'f' } },
      { text: 'Hel' },
      { text: 'lo', thoughtSignature: 'Qg==' },
      { text: 'Own.', thought: true, thoughtSignature: 'Qw==' },
      { text: '', thoughtSignature: 'RA==' },
    ];
    const whole = decode(replyOf(parts));
    expect(whole.content).toEqual([
      { type: 'reasoning', text: 'Thought one.', state: state({}) },
      { type: 'text', text: 'Said.' },
      { type: 'reasoning', text: '', state: state({ thoughtSignature: 'QQ==', part: 'call', callId: 'a' }) },
      { type: 'tool-call', id: 'a', name: 'f', input: { x: 1 } },
      { type: 'tool-call', id: 'b', name: 'f', input: {} },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'reasoning', text: '', state: state({ thoughtSignature: 'Qg==', part: 'text' }) },
      { type: 'reasoning', text: 'Own.', state: state({ thoughtSignature: 'Qw==' }) },
      { type: 'reasoning', text: '', state: state({ thoughtSignature: 'RA==', part: 'empty' }) },
    ]);
    const streamed = collectMessage(
      decodeStream(frames(...parts.map((part, at) => replyOf([part], at === 7 ? { finishReason: 'STOP' } : {})))),
    );
    const bare = streamed.content.map((block) => {
      if (block.type !== 'tool-call') return block;
      const { rawInput: _, ...call } = block;
      return call;
    });
    expect(bare).toEqual(whole.content);
    expect(streamed.stopReason).toBe('tool-call');
  });

  it('F01 F03 a thought and the answer are two blocks of one message', () => {
    const events = decodeStream(fixture('parallel-tools.gemini-3-flash.stream.sse').toString());
    expect(events.filter(({ type }) => type === 'message-start')).toHaveLength(1);
    expect(events.flatMap((event) => (event.type === 'block-start' ? [event.block.type] : []))).toEqual([
      'reasoning',
      'text',
      'reasoning',
      'tool-call',
      'tool-call',
    ]);
  });

  it('F69 the signatures of calls are kept for clients that lose them', () => {
    const signatures = new Map<string, string>();
    const part = { functionCall: { name: 'f' }, thoughtSignature: 'QQ==' };
    const { content } = gemini.with({ signatures }).decodeReply(replyOf([part]), testTarget());
    const call = content.find((block) => block.type === 'tool-call');
    expect(call?.id).toMatch(/^call_gm_/);
    expect([...signatures]).toEqual([[call?.id, 'QQ==']]);
  });

  it('F04 calls without ids, or with the same one twice, get ids of their own', () => {
    const call = (id?: string) => ({ functionCall: { ...(id === undefined ? {} : { id }), name: 'f' } });
    const { content } = decode(replyOf([call(), call(), call('x'), call('x')]));
    expect(new Set(content.map((block) => (block.type === 'tool-call' ? block.id : ''))).size).toBe(4);
  });

  it('F58 a tool has the name that the client gave it', () => {
    const toolNames = new ToolNames();
    const alias = toolNames.alias('a.b');
    expect(decode(replyOf([{ functionCall: { name: alias } }]), testTarget({ toolNames })).content).toMatchObject([
      { name: 'a.b' },
    ]);
  });

  it('what only Google has stays whole', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: 'QQ==' };
    expect(decode(replyOf([code, { text: 'x' }])).content).toEqual([
      { type: 'opaque', format: 'gemini', value: code },
      { type: 'text', text: 'x' },
    ]);
  });

  it('what stands beside a text or a call is noted', () => {
    const target = testTarget();
    const parts = [
      { text: 'x', partMetadata: { a: 1 } },
      { functionCall: { name: 'f', odd: 1 }, videoMetadata: {} },
    ];
    decode(replyOf(parts), target);
    expect(target.notes.list.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped parts.partMetadata',
      'dropped parts.videoMetadata',
      'dropped parts.odd',
    ]);
  });

  it('only the first candidate is kept, which is noted', () => {
    const target = testTarget();
    const body = replyOf([{ text: 'a' }]);
    const { content } = decode(
      {
        candidates: [
          ...(body.candidates as JsonObject[]),
          { index: 1, content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' },
        ],
      },
      target,
    );
    expect(content).toEqual([{ type: 'text', text: 'a' }]);
    expect(target.notes.list).toMatchObject([{ path: 'candidates', action: 'dropped' }]);
  });
});

describe('how a reply ends', () => {
  it.each([
    ['STOP', 'end-turn'],
    ['MAX_TOKENS', 'max-tokens'],
    ['CONTINUATION', 'max-tokens'],
    ['SAFETY', 'refusal'],
    ['RECITATION', 'refusal'],
    ['IMAGE_PROHIBITED_CONTENT', 'refusal'],
    ['OTHER', 'max-tokens'],
    ['LANGUAGE', 'refusal'],
    ['SOMETHING_NEW', 'max-tokens'],
  ])('%s is %s', (finishReason, stopReason) => {
    expect(decode(replyOf([{ text: 'x' }], { finishReason }))).toMatchObject({
      stopReason,
      rawStopReason: finishReason,
    });
  });

  it('F09 a call makes it a tool turn, whatever the word', () => {
    expect(decode(replyOf([{ functionCall: { name: 'f' } }])).stopReason).toBe('tool-call');
    expect(decode(replyOf([{ functionCall: { name: 'f' } }], { finishReason: 'MAX_TOKENS' })).stopReason).toBe(
      'max-tokens',
    );
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MISSING_THOUGHT_SIGNATURE'])(
    'F15 %s is a failure that may be tried again, streamed and whole',
    (finishReason) => {
      const body = replyOf([], { finishReason, finishMessage: 'print(x)' });
      expect(() => decode(body)).toThrow('print(x)');
      const [error] = decodeStream(frames(body)).slice(-1);
      expect(error).toMatchObject({ type: 'error', error: { code: 'MALFORMED_REPLY', retryable: true } });
    },
  );

  it('F07 an empty answer is no success, but a limit that was spent on thoughts is one', () => {
    expect(codeOf(() => decode(replyOf([])))).toBe('EMPTY_REPLY');
    expect(codeOf(() => decode(replyOf([{ text: '' }], { finishReason: 'OTHER' })))).toBe('EMPTY_REPLY');
    expect(decode({ candidates: [{ finishReason: 'MAX_TOKENS' }] })).toMatchObject({
      content: [],
      stopReason: 'max-tokens',
    });
    expect(decodeStream(frames(replyOf([]))).at(-1)).toMatchObject({ error: { code: 'EMPTY_REPLY' } });
  });

  it('a prompt that is blocked is refused', () => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY', safetyRatings: [] } };
    expect(decode(blocked)).toMatchObject({ content: [], stopReason: 'refusal', rawStopReason: 'SAFETY' });
    expect(decodeStream(frames(blocked)).at(-1)).toMatchObject({ type: 'message-end', stopReason: 'refusal' });
  });

  it('F21 without a finish reason it is cut', () => {
    expect(codeOf(() => decode(replyOf([{ text: 'x' }], {})))).toBe('MALFORMED_REPLY');
    expect(decodeStream(frames(replyOf([{ text: 'x' }], {}))).at(-1)).toMatchObject({ error: { code: 'CUT_STREAM' } });
    expect(codeOf(() => decode({ hello: 1 }))).toBe('MALFORMED_REPLY');
  });

  it.each(['error-framed', 'error-bare'])('F15 F17 an error in the stream ends it: %s', (name) => {
    const events = decodeStream(fixture(`${name}.gemini-2.5-flash.stream.sse`).toString());
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'PROVIDER_OVERLOADED', status: 503, retryable: true },
    });
  });

  it('arguments in pieces are nobody’s wish', () => {
    const piece = {
      functionCall: { name: 'f', partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true },
    };
    expect(codeOf(() => decode(replyOf([piece])))).toBe('MALFORMED_REPLY');
  });
});

describe('usage', () => {
  it('F31 F35 counts the prompt once, thoughts with the completion, and nothing that is not said', () => {
    const usageMetadata = {
      promptTokenCount: 61,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 100,
      candidatesTokenCount: 34,
      thoughtsTokenCount: 31,
      totalTokenCount: 226,
      promptTokensDetails: [],
    };
    expect(decode({ ...replyOf([{ text: 'x' }]), usageMetadata }).usage).toEqual({
      promptTokens: 161,
      cacheReadTokens: 40,
      completionTokens: 65,
      reasoningTokens: 31,
      extensions: { gemini: { toolUsePromptTokenCount: 100, promptTokensDetails: [] } },
    });
    expect(
      decode({ ...replyOf([{ text: 'x' }]), usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 0 } }).usage,
    ).toEqual({ promptTokens: 3, completionTokens: 0 });
    expect(decode(replyOf([{ text: 'x' }])).usage).toBeUndefined();
  });

  it('F32 is read on any chunk, and the last word counts', () => {
    const events = decodeStream(
      frames(
        { ...replyOf([{ text: 'x' }]), usageMetadata: { promptTokenCount: 3 } },
        { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9 } },
      ),
    );
    expect(collectMessage(events).usage).toEqual({ promptTokens: 3, completionTokens: 9 });
  });
});

describe('a whole reply that passes through', () => {
  const failure = (body: JsonObject) => gemini.inspectReply(body).error?.code;

  it('F07 is a failure where the model failed, or said nothing', () => {
    expect(failure(replyOf([]))).toBe('EMPTY_REPLY');
    expect(failure(replyOf([{ text: '' }]))).toBe('EMPTY_REPLY');
    expect(failure({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] })).toBe('MALFORMED_REPLY');
  });

  it('is none where there is an answer, or a reason for having none', () => {
    for (const body of [
      replyOf([{ text: 'x' }]),
      replyOf([{ functionCall: { name: 'f' } }]),
      replyOf([{ inlineData: { mimeType: 'image/png', data: '' } }]),
      replyOf([], { finishReason: 'SAFETY' }),
      replyOf([], { finishReason: 'MAX_TOKENS' }),
      { promptFeedback: { blockReason: 'SAFETY' } },
    ]) {
      expect(failure(body)).toBeUndefined();
    }
  });
});

describe('grounding', () => {
  it('becomes citations, counted in characters', () => {
    const body = JSON.parse(fixture('grounding.gemini-2.5-flash.response.json').toString()) as JsonObject;
    const [block] = decode(body).content;
    const answer = 'Über 5 °C in Oslo. Rain in Lima.';
    const deltas = block?.type === 'text' ? block.extensions?.gemini?.deltas : undefined;
    const cited = (deltas as JsonObject[])
      .flatMap((delta) => citationsIn(delta) ?? [])
      .map(({ url, start, end }) => [url, answer.slice(start, end)]);
    expect(cited).toEqual([
      ['https://a.example/1', 'Über 5 °C in Oslo.'],
      ['https://b.example/2', 'Über 5 °C in Oslo.'],
      ['https://b.example/2', 'Rain in Lima.'],
    ]);
  });

  it('finds the words where the counts mean a part of the answer only', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'a' } }],
      groundingSupports: [
        { segment: { partIndex: 1, startIndex: 0, endIndex: 6, text: 'second' }, groundingChunkIndices: [0, 7] },
      ],
    };
    const { content } = decode(
      replyOf([{ text: 'First, ' }, { text: 'second' }], { finishReason: 'STOP', groundingMetadata }),
    );
    expect(JSON.stringify(content)).toContain('"start":7,"end":13');
  });
});
