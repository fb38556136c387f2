import { describe, expect, it } from '@jest/globals';
import { type ChatReply, type JsonObject, logProbsDelta, messageToEvents, type TextBlock } from '@signalbox/kit';
import { chunk, decodeStream, frames, testClient, testTarget } from '../test/context.ts';
import { openaiChat } from './format.ts';

const token = (text: string): JsonObject => ({ token: text, logprob: -0.1, bytes: null, top_logprobs: [] });
const said = { content: [token('Hi'), token('.')], refusal: null };
const choice = { index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop', logprobs: said };

function streamed(text: string): JsonObject[] {
  const chunks = [...text.matchAll(/^data: (\{.*)$/gm)].map(
    ([, json = '']) => JSON.parse(json) as { choices: JsonObject[] },
  );
  return chunks.flatMap(({ choices }) => (choices[0]?.logprobs as typeof said | null)?.content ?? []);
}

describe('log probabilities', () => {
  it('of a whole reply come out as they went in', () => {
    const target = testTarget();
    const reply = openaiChat.decodeReply({ choices: [choice] }, target);
    expect(openaiChat.encodeReply(reply, testClient())).toMatchObject({ choices: [{ logprobs: said }] });
    expect(target.notes.list).toEqual([]);
  });

  it('of a stream come out as they went in, those of a refusal, too', () => {
    const part = (delta: JsonObject, logprobs: JsonObject) => ({
      ...chunk({}),
      choices: [{ index: 0, delta, logprobs }],
    });
    const target = testTarget();
    const events = decodeStream(
      openaiChat,
      [
        frames(
          part({ content: 'Hi' }, { content: [token('Hi')], refusal: null }),
          part({ content: '.' }, { content: [token('.')] }),
          part({ refusal: 'No' }, { content: null, refusal: [token('No')] }),
          chunk({}, 'stop'),
          '[DONE]',
        ),
      ],
      target,
    );
    const text = openaiChat.createStreamEncoder(testClient()).encode(events);
    expect(streamed(text)).toEqual([token('Hi'), token('.'), token('No')]);
    expect(target.notes.list).toEqual([]);
  });

  it('of another format’s reply are told, whole and streamed', () => {
    const text = (words: string, tokens: JsonObject[]): TextBlock => ({
      type: 'text',
      text: words,
      extensions: { other: { deltas: [logProbsDelta(tokens)] } },
    });
    const reply: ChatReply = { content: [text('Hi', [token('Hi')]), text('.', [token('.')])], stopReason: 'end-turn' };
    const client = testClient();
    expect(openaiChat.encodeReply(reply, client)).toMatchObject({ choices: [{ logprobs: said }] });
    expect(streamed(openaiChat.createStreamEncoder(client).encode(messageToEvents(reply)))).toEqual(said.content);
    expect(client.notes.list).toEqual([]);
  });

  it('without a text that they could belong to are lost with a note', () => {
    const calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }];
    const target = testTarget();
    openaiChat.decodeReply({ choices: [{ ...choice, message: { tool_calls: calls } }] }, target);
    const call = {
      ...chunk({}),
      choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...calls[0] }] }, logprobs: said }],
    };
    decodeStream(openaiChat, [frames(call, chunk({}, 'tool_calls'), '[DONE]')], target);
    const note = {
      path: 'choices[0].logprobs',
      action: 'dropped',
      reason: 'there is no text that they could belong to',
    };
    expect(target.notes.list).toEqual([note, note]);
  });
});
