import { describe, expect, it } from '@jest/globals';
import { collectMessage, type JsonObject } from '@signalbox/kit';
import { decodeStream, delta, done, lines, testTarget } from '../test/context.ts';

const call = (name: string, input: JsonObject, id?: string): JsonObject => ({
  ...(id === undefined ? {} : { id }),
  function: { index: 0, name, arguments: input },
});

describe('a stream', () => {
  it('F85 F06 F09 has whole calls wherever they come, each with an id of its own', () => {
    const events = decodeStream(
      lines(
        delta({ tool_calls: [call('a', { x: 1 }, 'same')] }),
        delta({ tool_calls: [call('b', {}, 'same')] }),
        delta({ tool_calls: [call('c', { y: [2] })] }, { done: true, done_reason: 'stop' }),
      ),
    );
    const { content, stopReason } = collectMessage(events);
    expect(stopReason).toBe('tool-call');
    expect(content).toEqual([
      expect.objectContaining({ id: 'same', name: 'a', input: { x: 1 } }),
      expect.objectContaining({ id: expect.stringMatching(/^call_/), name: 'b', input: {} }),
      expect.objectContaining({ id: expect.stringMatching(/^call_/), name: 'c', input: { y: [2] } }),
    ]);
  });

  it('F01 has reasoning before the text of the same line, tagged with its origin', () => {
    const { content } = collectMessage(
      decodeStream(lines(delta({ thinking: 'Hm', content: 'Ah' }), done()), testTarget({ reasoningOrigin: 'mine' })),
    );
    expect(content).toEqual([
      { type: 'reasoning', text: 'Hm', state: { origin: 'mine', data: {} } },
      { type: 'text', text: 'Ah' },
    ]);
  });

  it('F32 F35 has the counts of its last line, and no zero for what is not there', () => {
    const events = decodeStream(lines(delta({ content: 'a' }), done({ prompt_eval_count: 5, total_duration: 9 })));
    expect(events).toContainEqual({
      type: 'usage',
      usage: { promptTokens: 5, extensions: { ollama: { $durations: { total_duration: 9 } } } },
    });
  });

  it.each<[string, (JsonObject | string)[], string, number]>([
    ['F21 that is cut', [delta({ content: 'a' })], 'CUT_STREAM', 502],
    ['F21 whose last line is cut', [delta({ content: 'a' }), '{"message":{"content":"b"}'], 'MALFORMED_REPLY', 502],
    ['F07 without content', [delta({}), done()], 'EMPTY_REPLY', 502],
    ['whose server broke off', [delta({ content: 'a' }), done({ done_reason: '' })], 'CUT_STREAM', 502],
    ['whose model was unloaded', [delta({ content: 'a' }), done({ done_reason: 'unload' })], 'CUT_STREAM', 502],
    ['F15 with an error at first', [{ error: 'server is broken' }], 'PROVIDER_FAILED', 502],
    [
      'F17 with an error and its status',
      [delta({ content: 'a' }), { error: 'busy', status: 503 }],
      'PROVIDER_OVERLOADED',
      503,
    ],
    ['with a call without a name', [delta({ tool_calls: [{ function: {} }] })], 'MALFORMED_REPLY', 502],
    ['with something else', ['<html>'], 'MALFORMED_REPLY', 502],
    ['with a foreign object', [{ object: 'chat.completion.chunk' }], 'MALFORMED_REPLY', 502],
  ])('%s fails', (_name, sent, code, status) => {
    expect(decodeStream(lines(...sent)).at(-1)).toEqual({
      type: 'error',
      error: expect.objectContaining({ code, status }),
    });
  });

  it('F21 that is cut inside a line is cut, not malformed', () => {
    const bytes = lines(delta({ content: 'a' }), delta({ content: 'b' }));
    expect(decodeStream(bytes.subarray(0, bytes.length - 9)).at(-1)).toMatchObject({ error: { code: 'CUT_STREAM' } });
  });

  it('of a model that was only loaded is no failure', () => {
    expect(decodeStream(lines(done({ done_reason: 'load' }))).at(-1)).toMatchObject({
      type: 'message-end',
      rawStopReason: 'load',
    });
  });

  it('notes once what is lost', () => {
    const target = testTarget();
    const lost = { logprobs: [{}], image: 'iVBOR' };
    decodeStream(lines(delta({ content: 'a' }, lost), delta({ content: 'b' }, lost), done({ context: [1] })), target);
    expect(target.notes.list.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped logprobs',
      'dropped images',
      'dropped context',
    ]);
  });

  it('fails on a line without an end', () => {
    const decoder = decodeStream(Buffer.alloc(33 * 1024 * 1024, 'a'));
    expect(decoder.at(-1)).toMatchObject({ error: { code: 'MALFORMED_REPLY' } });
  });
});
