import { describe, expect, it } from '@jest/globals';
import {
  type ChatReply,
  collectMessage,
  foldLogProbs,
  type JsonObject,
  logProbsDelta,
  messageToEvents,
  type TextBlock,
} from '@signalbox/kit';
import { decodeStream, frames, framesOf, testClient, testTarget } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const token = (text: string): JsonObject => ({ token: text, logprob: -0.1, bytes: [], top_logprobs: [] });
const tokens = [token('Hi'), token('.')];
const item = {
  type: 'message',
  id: 'msg',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'Hi.', annotations: [], logprobs: tokens }],
};
const text = (words: string, own: JsonObject[]): TextBlock => ({
  type: 'text',
  text: words,
  extensions: { other: { deltas: [logProbsDelta(own)] } },
});
const REPLY: ChatReply = { content: [text('Hi', [token('Hi')]), text('.', [token('.')])], stopReason: 'end-turn' };
const part = { type: 'output_text', text: 'Hi.', annotations: [], logprobs: tokens };

describe('log probabilities', () => {
  it('of a whole reply, and of a stream, belong to its text', () => {
    const target = testTarget();
    const whole = openaiResponses.decodeReply({ status: 'completed', output: [item] }, target);
    const stream = frames(
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hi.', logprobs: tokens },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { status: 'completed' } },
    );
    for (const { content } of [whole, collectMessage(decodeStream([stream], target))]) {
      expect(content.map((block) => block.type === 'text' && foldLogProbs(block.extensions))).toEqual([tokens]);
    }
    expect(target.notes.list).toEqual([]);
  });

  it('of any format’s reply are told in the part and where it ends', () => {
    const client = testClient();
    expect(openaiResponses.encodeReply(REPLY, client)).toMatchObject({ output: [{ content: [part] }] });
    const wire = framesOf(openaiResponses.createStreamEncoder(client).encode(messageToEvents(REPLY)));
    const named = (name: string) => wire.filter(({ type }) => type === `response.${name}`);
    expect(named('output_text.done')).toMatchObject([{ text: 'Hi.', logprobs: tokens }]);
    expect(named('content_part.done')).toMatchObject([{ part }]);
    expect(named('output_item.done')).toMatchObject([{ item: { content: [part] } }]);
    expect(named('completed')).toMatchObject([{ response: { output: [{ content: [part] }] } }]);
    expect(client.notes.list).toEqual([]);
  });
});
