import { describe, expect, it } from '@jest/globals';
import { type ChatReply, messageToEvents, type StopReason } from '@signalbox/kit';
import { chunk, decodeStream, frames, testClient, testTarget } from '../test/context.ts';
import { openaiChat } from './index.ts';

const ENDS: readonly [word: string, StopReason, noted: boolean][] = [
  ['stop', 'end-turn', false],
  ['eos', 'end-turn', false],
  ['end_turn', 'end-turn', false],
  ['length', 'max-tokens', false],
  ['model_length', 'max-tokens', false],
  ['content_filter', 'refusal', false],
  ['abort', 'max-tokens', true],
  ['pause_turn', 'max-tokens', true],
  ['toString', 'max-tokens', true],
];

describe('what a finish reason means', () => {
  it.each(ENDS)('%s is %s, streamed and whole', (word, stopReason, noted) => {
    const whole = testTarget();
    const message = { role: 'assistant', content: 'x' };
    const body = { id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: word }] };
    expect(openaiChat.decodeReply(body, whole)).toMatchObject({ stopReason, rawStopReason: word });
    const streamed = testTarget();
    const events = decodeStream(openaiChat, [frames(chunk({ content: 'x' }), chunk({}, word), '[DONE]')], streamed);
    expect(events.at(-1)).toMatchObject({ type: 'message-end', stopReason });
    for (const { notes } of [whole, streamed]) {
      expect(notes.list).toMatchObject(noted ? [{ path: 'stopReason', action: 'approximated' }] : []);
    }
  });

  it('F07 an unknown one without any content is no answer', () => {
    const body = { id: 'c', model: 'm', choices: [{ message: { content: '' }, finish_reason: 'abort' }] };
    expect(() => openaiChat.decodeReply(body, testTarget())).toThrow('without any content');
    expect(decodeStream(openaiChat, [frames(chunk({}, 'abort'), '[DONE]')]).at(-1)).toMatchObject({
      error: { code: 'EMPTY_REPLY' },
    });
  });

  it('F09 an unknown one beside calls is a tool turn', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    const body = { id: 'c', model: 'm', choices: [{ message: { tool_calls: [call] }, finish_reason: 'abort' }] };
    expect(openaiChat.decodeReply(body, testTarget()).stopReason).toBe('tool-call');
  });
});

const ENCODED: Readonly<Record<StopReason, string>> = {
  'end-turn': 'stop',
  'stop-sequence': 'stop',
  'tool-call': 'tool_calls',
  'max-tokens': 'length',
  'context-window-exceeded': 'length',
  'pause-turn': 'length',
  refusal: 'content_filter',
};

describe('how a reply ends', () => {
  it.each(Object.entries(ENCODED) as [StopReason, string][])('%s is %s, streamed and whole', (stopReason, word) => {
    const reply: ChatReply = { content: [{ type: 'text', text: 'x' }], stopReason };
    const whole = testClient();
    expect(openaiChat.encodeReply(reply, whole)).toMatchObject({ choices: [{ finish_reason: word }] });
    const streamed = testClient();
    const text = openaiChat.createStreamEncoder(streamed).encode(messageToEvents(reply));
    expect(text).toContain(`"finish_reason":"${word}"`);
    for (const { notes } of [whole, streamed]) {
      expect(notes.list.map(({ path, action }) => `${path} ${action}`)).toEqual(
        stopReason === 'pause-turn' ? ['stopReason approximated'] : [],
      );
    }
  });
});
