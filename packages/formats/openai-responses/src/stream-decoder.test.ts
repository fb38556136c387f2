import { describe, expect, it } from '@jest/globals';
import { collectMessage, foreignCitations, type JsonObject, type StreamEvent } from '@signalbox/kit';
import { checkGrammar } from '@signalbox/testkit';
import { decodeStream, fixture, frames, testTarget } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const created = { type: 'response.created', response: { id: 'resp_1', model: 'm' } };
const completed = (more: JsonObject = {}) => ({
  type: 'response.completed',
  response: { status: 'completed', ...more },
});
const added = (at: number, item: JsonObject) => ({ type: 'response.output_item.added', output_index: at, item });
const done = (at: number, item: JsonObject) => ({ type: 'response.output_item.done', output_index: at, item });
const textDelta = (at: number, delta: string) => ({
  type: 'response.output_text.delta',
  output_index: at,
  content_index: 0,
  delta,
});
const callDelta = (at: number, delta: string) => ({
  type: 'response.function_call_arguments.delta',
  output_index: at,
  delta,
});
const message = (text: string) => ({ type: 'message', id: 'msg', content: [{ type: 'output_text', text }] });
const call = (id: string, args: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: args });

function read(...events: readonly JsonObject[]): StreamEvent[] {
  const out = decodeStream([frames(...events)]);
  checkGrammar(out);
  return out;
}

const contentOf = (...events: readonly JsonObject[]) => collectMessage(read(created, ...events)).content;
const errorOf = (...events: readonly JsonObject[]) => {
  const last = read(...events).at(-1);
  return last?.type === 'error' ? last.error : undefined;
};

describe('output items', () => {
  it('F04 come one after the other, however they are mixed', () => {
    const content = contentOf(
      added(0, call('a', '')),
      callDelta(0, '{"x":'),
      added(1, call('b', '')),
      callDelta(1, '{"y":2}'),
      textDelta(2, 'and'),
      callDelta(0, '1}'),
      done(1, call('b', '{"y":2}')),
      done(0, call('a', '{"x":1}')),
      done(2, message('and text')),
      completed(),
    );
    expect(content).toMatchObject([
      { type: 'tool-call', id: 'a', input: { x: 1 } },
      { type: 'tool-call', id: 'b', input: { y: 2 } },
      { type: 'text', text: 'and text' },
    ]);
  });

  it('F06 F07 are complete even where their deltas are missing, or they come at the end only', () => {
    expect(contentOf(added(0, message('')), done(0, message('whole')), completed())).toMatchObject([{ text: 'whole' }]);
    expect(contentOf(textDelta(0, 'wh'), done(0, message('whole')), completed())).toMatchObject([{ text: 'whole' }]);
    expect(
      contentOf(added(0, call('a', '')), callDelta(0, '{"a"'), done(0, call('a', '{"a":1}')), completed()),
    ).toMatchObject([{ input: { a: 1 } }]);
    expect(contentOf(completed({ output: [message('late'), call('a', '{}')] }))).toMatchObject([
      { type: 'text', text: 'late' },
      { type: 'tool-call', id: 'a' },
    ]);
  });

  it('F88 of a custom tool are its text as the one argument', () => {
    const item = { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '"a"\n🌊' };
    const delta = (text: string) => ({ type: 'response.custom_tool_call_input.delta', output_index: 0, delta: text });
    const [block] = contentOf(
      added(0, { ...item, input: '' }),
      delta('"a'),
      delta('"\n🌊'),
      done(0, item),
      completed(),
    );
    expect(block).toMatchObject({ name: 'patch', input: { input: '"a"\n🌊' } });
  });

  it('take the state of reasoning from its end, where it is final', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'whole' };
    expect(
      contentOf(
        added(0, { ...reasoning, encrypted_content: 'part' }),
        done(0, reasoning),
        done(1, message('a')),
        completed(),
      ),
    ).toMatchObject([
      { type: 'reasoning', text: '', state: { origin: 'openai', data: { id: 'rs_1', encrypted_content: 'whole' } } },
      { type: 'text' },
    ]);
  });

  it('F75 keep two reasoning items apart', () => {
    const reasoning = (id: string) => ({ type: 'reasoning', id, summary: [{ type: 'summary_text', text: id }] });
    const states = contentOf(
      done(0, reasoning('rs_1')),
      done(1, reasoning('rs_2')),
      done(2, message('a')),
      completed(),
    );
    expect(states).toMatchObject([{ text: 'rs_1' }, { text: 'rs_2' }, { type: 'text' }]);
  });

  it('give names back as the client knows them', () => {
    const target = testTarget();
    const alias = target.toolNames.alias('a tool with spaces');
    const events = decodeStream([frames(created, done(0, { ...call('a', '{}'), name: alias }), completed())], target);
    expect(collectMessage(events).content).toMatchObject([{ name: 'a tool with spaces' }]);
  });
});

it.each([undefined, '', 7, { toString: 1 }])('a call inside a namespace needs a name of its own: %j', (name) => {
  const item = { ...call('a', '{}'), name: name as JsonObject[string], namespace: 'mcp__files' };
  expect(errorOf(created, done(0, item))).toMatchObject({ code: 'MALFORMED_REPLY' });
  expect(() => openaiResponses.decodeReply({ status: 'completed', output: [item] }, testTarget())).toThrow(
    'without a name',
  );
});

describe('the phase of a text', () => {
  it('has nothing to tell to another format', () => {
    const item = { ...message('On it.'), phase: 'commentary' };
    const streamed = contentOf(added(0, item), textDelta(0, 'On it.'), done(0, item), completed());
    const whole = openaiResponses.decodeReply({ status: 'completed', output: [item] }, testTarget()).content;
    for (const [block] of [streamed, whole]) {
      const extensions = block?.type === 'text' ? block.extensions : undefined;
      expect(extensions).toMatchObject({ [openaiResponses.id]: { deltas: [{ phase: 'commentary' }] } });
      const { citations, untold } = foreignCitations(extensions, 'openai-chat');
      expect([...citations, ...untold]).toEqual([]);
    }
  });
});

describe('the end', () => {
  it('F09 is a tool call where there is one, whatever the status says', () => {
    expect(read(created, done(0, call('a', '{}')), completed()).at(-1)).toMatchObject({ stopReason: 'tool-call' });
  });

  it.each([
    ['max_output_tokens', 'max-tokens'],
    ['content_filter', 'refusal'],
    ['steered', 'max-tokens'],
  ])('F11 is incomplete because of %s', (reason, stopReason) => {
    const end = { type: 'response.incomplete', response: { status: 'incomplete', incomplete_details: { reason } } };
    expect(read(created, textDelta(0, 'half'), end).at(-1)).toMatchObject({
      type: 'message-end',
      stopReason,
      rawStopReason: reason,
    });
  });

  it('F31 F32 has the usage', () => {
    const usage = { input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 2, total_tokens: 11 };
    expect(collectMessage(read(created, done(0, message('a')), completed({ usage }))).usage).toEqual({
      promptTokens: 9,
      cacheReadTokens: 4,
      completionTokens: 2,
    });
  });

  it('F35 has no usage where none is reported, and zeros where they are', () => {
    expect(collectMessage(read(created, done(0, message('a')), completed({ usage: null }))).usage).toBeUndefined();
    const zero = completed({ usage: { input_tokens: 0, output_tokens: 0 } });
    expect(collectMessage(read(created, done(0, message('a')), zero)).usage).toEqual({
      promptTokens: 0,
      completionTokens: 0,
    });
  });

  it('F21 is missing where the stream is cut, even behind a whole item', () => {
    expect(errorOf(created, done(0, message('a')))).toMatchObject({ code: 'CUT_STREAM' });
    expect(errorOf(created, textDelta(0, 'a'))).toMatchObject({ code: 'CUT_STREAM' });
  });

  it('F07 F10 is no success without content', () => {
    expect(errorOf(created, completed())).toMatchObject({ code: 'EMPTY_REPLY' });
  });

  it('is no success with an item that never ended', () => {
    expect(errorOf(created, added(0, call('a', '')), callDelta(0, '{'), completed())).toMatchObject({
      code: 'MALFORMED_REPLY',
    });
  });
});

describe('failures', () => {
  it.each([
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'slow', param: null }, 'RATE_LIMITED'],
    [{ type: 'error', error: { code: 'server_is_overloaded', message: 'busy' } }, 'PROVIDER_OVERLOADED'],
    [{ type: 'response.error', error: { code: 'x', message: 'y' } }, 'PROVIDER_FAILED'],
    [{ error: { message: 'maximum context length is 8 tokens, you have 9' } }, 'CONTEXT_OVERFLOW'],
    [
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'x' } } },
      'PROVIDER_FAILED',
    ],
    [{ type: 'response.failed', response: { error: { code: 'insufficient_quota', message: 'x' } } }, 'QUOTA_EXHAUSTED'],
    [
      { type: 'response.failed', response: { error: { code: 'context_length_exceeded', message: 'x' } } },
      'CONTEXT_OVERFLOW',
    ],
    [{ type: 'response.failed', response: { error: { code: 'invalid_prompt', message: 'x' } } }, 'PROVIDER_REJECTED'],
    [{ type: 'response.failed', response: { error: { code: 'image_too_large', message: 'x' } } }, 'IMAGE_REJECTED'],
    [{ type: 'response.failed', response: {} }, 'PROVIDER_FAILED'],
  ] as [JsonObject, string][])('F15 F17 %j is %s', (event, code) => {
    expect(errorOf(created, event)?.code).toBe(code);
    expect(errorOf(created, textDelta(0, 'half'), event)?.code).toBe(code);
  });

  it('says the first of several', () => {
    const events = decodeStream([fixture('failed-mid-stream.gpt-5.5.stream.sse')]);
    expect(events.filter(({ type }) => type === 'error')).toMatchObject([
      { error: { message: 'The server had an error.' } },
    ]);
  });

  it('F15 calls what is no JSON malformed, and half a frame at the end a cut', () => {
    expect(decodeStream([frames(created, '{"type":')]).at(-1)).toMatchObject({ error: { code: 'MALFORMED_REPLY' } });
    expect(decodeStream([frames(created), Buffer.from('data: {"type":')]).at(-1)).toMatchObject({
      error: { code: 'CUT_STREAM' },
    });
    expect(decodeStream([frames('[]')]).at(-1)).toMatchObject({ error: { code: 'MALFORMED_REPLY' } });
    expect(errorOf(created, done(0, { type: 'function_call', call_id: 'c' }))).toMatchObject({
      code: 'MALFORMED_REPLY',
    });
  });

  it('passes over what says nothing: pings, unknown events, [DONE]', () => {
    const events = decodeStream([
      frames(
        created,
        { type: 'keepalive' },
        { type: 'response.new_thing', output_index: 0 },
        done(0, message('a')),
        completed(),
        '[DONE]',
      ),
    ]);
    expect(collectMessage(events).content).toMatchObject([{ text: 'a' }]);
  });
});
