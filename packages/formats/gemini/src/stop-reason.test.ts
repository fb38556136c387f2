import { describe, expect, it } from '@jest/globals';
import { type ChatReply, messageToEvents, type StopReason } from '@signalbox/kit';
import { decodeStream, frames, replyOf, testClient, testTarget } from '../test/support.ts';
import { gemini } from './index.ts';

describe('what a finish reason means', () => {
  it.each<[string, StopReason, boolean]>([
    ['STOP', 'end-turn', false],
    ['MAX_TOKENS', 'max-tokens', false],
    ['LANGUAGE', 'refusal', false],
    ['OTHER', 'max-tokens', true],
    ['NO_IMAGE', 'max-tokens', true],
    ['PAUSED', 'max-tokens', true],
    ['toString', 'max-tokens', true],
  ])('%s is %s, streamed and whole', (finishReason, stopReason, noted) => {
    const body = replyOf([{ text: 'x' }], { finishReason });
    const whole = testTarget();
    expect(gemini.decodeReply(body, whole)).toMatchObject({ stopReason, rawStopReason: finishReason });
    const streamed = testTarget();
    expect(decodeStream(frames(body), streamed).at(-1)).toMatchObject({ type: 'message-end', stopReason });
    for (const { notes } of [whole, streamed]) {
      expect(notes.list).toMatchObject(noted ? [{ path: 'stopReason', action: 'approximated' }] : []);
    }
  });
});

const ENCODED: Readonly<Record<StopReason, string>> = {
  'end-turn': 'STOP',
  'stop-sequence': 'STOP',
  'tool-call': 'STOP',
  'max-tokens': 'MAX_TOKENS',
  'context-window-exceeded': 'MAX_TOKENS',
  'pause-turn': 'MAX_TOKENS',
  refusal: 'SAFETY',
};

describe('how a reply ends', () => {
  it.each(Object.entries(ENCODED) as [StopReason, string][])('%s is %s, streamed and whole', (stopReason, word) => {
    const reply: ChatReply = { content: [{ type: 'text', text: 'x' }], stopReason };
    const whole = testClient();
    expect(gemini.encodeReply(reply, whole)).toMatchObject({ candidates: [{ finishReason: word }] });
    const streamed = testClient();
    const text = gemini.createStreamEncoder(streamed).encode(messageToEvents(reply));
    expect(text).toContain(`"finishReason":"${word}"`);
    for (const { notes } of [whole, streamed]) {
      expect(notes.list.map(({ path, action }) => `${path} ${action}`)).toEqual(
        stopReason === 'pause-turn' ? ['stopReason approximated'] : [],
      );
    }
  });
});
