import { describe, expect, it } from '@jest/globals';
import { type ChatReply, type JsonObject, messageToEvents, type StopReason } from '@signalbox/kit';
import { decodeStream, frames, testClient, testTarget } from '../test/context.ts';
import { openaiResponses } from './index.ts';

const MESSAGE = { type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] };
const CALL = { type: 'function_call', id: 'c', call_id: 'a', name: 'f', arguments: '{}' };
const because = (reason: string): JsonObject => ({ status: 'incomplete', incomplete_details: { reason } });

describe('what a status means', () => {
  it.each<[string, JsonObject, JsonObject, StopReason, boolean]>([
    ['completed', { status: 'completed' }, MESSAGE, 'end-turn', false],
    ['none', {}, MESSAGE, 'end-turn', false],
    ['max_output_tokens', because('max_output_tokens'), MESSAGE, 'max-tokens', false],
    ['content_filter', because('content_filter'), MESSAGE, 'refusal', false],
    ['another reason', because('max_tool_calls'), MESSAGE, 'max-tokens', true],
    ['another reason behind a call', because('max_tool_calls'), CALL, 'max-tokens', true],
    ['no reason', { status: 'incomplete' }, MESSAGE, 'max-tokens', true],
    ['another status', { status: 'paused' }, MESSAGE, 'max-tokens', true],
    ['another status behind a call', { status: 'paused' }, CALL, 'tool-call', false],
  ])('%s, streamed and whole', (_, ending, item, stopReason, noted) => {
    const response = { id: 'r', object: 'response', model: 'm', output: [item], ...ending };
    const whole = testTarget();
    expect(openaiResponses.decodeReply(response, whole).stopReason).toBe(stopReason);
    const type = ending.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
    const streamed = testTarget();
    expect(decodeStream([frames({ type, response })], streamed).at(-1)).toMatchObject({ stopReason });
    for (const { notes } of [whole, streamed]) {
      expect(notes.list).toMatchObject(noted ? [{ path: 'stopReason', action: 'approximated' }] : []);
    }
  });

  it('F07 an unknown one without any content is no answer', () => {
    const response = { id: 'r', object: 'response', model: 'm', output: [], ...because('other') };
    expect(() => openaiResponses.decodeReply(response, testTarget())).toThrow('without any content');
  });
});

const ENCODED: Readonly<Record<StopReason, [string, string]>> = {
  'end-turn': ['completed', ''],
  'stop-sequence': ['completed', ''],
  'tool-call': ['completed', ''],
  'max-tokens': ['incomplete', 'max_output_tokens'],
  'context-window-exceeded': ['incomplete', 'max_output_tokens'],
  'pause-turn': ['incomplete', 'max_output_tokens'],
  refusal: ['incomplete', 'content_filter'],
};

describe('how a reply ends', () => {
  it.each(Object.entries(ENCODED) as [StopReason, [string, string]][])(
    '%s is %s, streamed and whole',
    (stopReason, [status, reason]) => {
      const reply: ChatReply = { content: [{ type: 'text', text: 'x' }], stopReason };
      const whole = testClient();
      expect(openaiResponses.encodeReply(reply, whole)).toMatchObject({
        status,
        incomplete_details: reason === '' ? null : { reason },
      });
      const streamed = testClient();
      const text = openaiResponses.createStreamEncoder(streamed).encode(messageToEvents(reply));
      expect(text).toContain(`"incomplete_details":${reason === '' ? 'null' : JSON.stringify({ reason })}`);
      for (const { notes } of [whole, streamed]) {
        expect(notes.list.map(({ path, action }) => `${path} ${action}`)).toEqual(
          stopReason === 'pause-turn' ? ['stopReason approximated'] : [],
        );
      }
    },
  );
});
