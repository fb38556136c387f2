import { describe, expect, it } from '@jest/globals';
import { type ChatReply, messageToEvents, type StopReason } from '@signalbox/kit';
import { decodeStream, delta, done, lines, testClient, testTarget } from '../test/context.ts';
import { ollama } from './index.ts';

describe('what a done reason means', () => {
  it.each<[string, StopReason, boolean]>([
    ['stop', 'end-turn', false],
    ['length', 'max-tokens', false],
    ['eos', 'end-turn', false],
    ['abort', 'max-tokens', true],
    ['pause_turn', 'max-tokens', true],
    ['toString', 'max-tokens', true],
  ])('%s is %s, streamed and whole', (word, stopReason, noted) => {
    const whole = testTarget();
    const body = delta({ content: 'x' }, { done: true, done_reason: word });
    expect(ollama.decodeReply(body, whole)).toMatchObject({ stopReason, rawStopReason: word });
    const streamed = testTarget();
    const events = decodeStream(lines(delta({ content: 'x' }), done({ done_reason: word })), streamed);
    expect(events.at(-1)).toMatchObject({ type: 'message-end', stopReason });
    for (const { notes } of [whole, streamed]) {
      expect(notes.list).toMatchObject(noted ? [{ path: 'stopReason', action: 'approximated' }] : []);
    }
  });

  it('F09 an unknown one beside calls is a tool turn', () => {
    const call = { function: { name: 'f', arguments: {} } };
    const body = delta({ tool_calls: [call] }, { done: true, done_reason: 'abort' });
    expect(ollama.decodeReply(body, testTarget()).stopReason).toBe('tool-call');
  });
});

const ENCODED: Readonly<Record<StopReason, string>> = {
  'end-turn': 'stop',
  'stop-sequence': 'stop',
  'tool-call': 'stop',
  'max-tokens': 'length',
  'context-window-exceeded': 'length',
  'pause-turn': 'length',
  refusal: 'stop',
};

describe('how a reply ends', () => {
  it.each(Object.entries(ENCODED) as [StopReason, string][])('%s is %s, streamed and whole', (stopReason, word) => {
    const reply: ChatReply = { content: [{ type: 'text', text: 'x' }], stopReason };
    const whole = testClient();
    expect(ollama.encodeReply(reply, whole)).toMatchObject({ done: true, done_reason: word });
    const streamed = testClient();
    const text = ollama.createStreamEncoder(streamed).encode(messageToEvents(reply));
    expect(text).toContain(`"done_reason":"${word}"`);
    for (const { notes } of [whole, streamed]) {
      expect(notes.list.map(({ path, action }) => `${path} ${action}`)).toEqual(
        stopReason === 'pause-turn' || stopReason === 'refusal' ? ['stopReason approximated'] : [],
      );
    }
  });
});
