import { describe, expect, it } from '@jest/globals';
import { type ClientContext, collectMessage, type JsonObject } from '@signalbox/kit';
import { chunk, decodeStream, frames, testClient, testTarget } from '../test/context.ts';
import { openaiChat } from './format.ts';

const ID = 'openai-chat';
const own = { system_fingerprint: 'fp_1', service_tier: 'flex' };
const choice = { index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' };

function sent(text: string): JsonObject[] {
  return [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) => JSON.parse(json) as JsonObject);
}

describe('what only this format says about a reply', () => {
  it('goes through a whole reply to a client of this format', () => {
    const body = { id: 'c', model: 'm', ...own, choices: [{ ...choice, native_finish_reason: 'STOP' }] };
    const reply = openaiChat.decodeReply(body, testTarget());
    expect(reply.extensions).toEqual({ [ID]: { ...own, native_finish_reason: 'STOP' } });
    expect(openaiChat.encodeReply(reply, testClient())).toMatchObject({
      ...own,
      object: 'chat.completion',
      choices: [{ native_finish_reason: 'STOP', finish_reason: 'stop' }],
    });
  });

  it('goes through a stream: from its start on every chunk, what comes late on the last one', () => {
    const last: JsonObject = {
      ...chunk({}, 'stop'),
      ...own,
      service_tier: 'default',
      choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'STOP' }],
    };
    const events = decodeStream(openaiChat, [
      frames({ ...chunk({ content: 'Hi' }), ...own }, { ...chunk({ content: '.' }), ...own }, last, '[DONE]'),
    ]);
    expect(events[0]).toMatchObject({ type: 'message-start', extensions: { [ID]: own } });
    expect(events.at(-1)).toMatchObject({
      type: 'message-end',
      extensions: { [ID]: { service_tier: 'default', native_finish_reason: 'STOP' } },
    });
    const chunks = sent(openaiChat.createStreamEncoder(testClient()).encode(events));
    for (const each of chunks) expect(each.system_fingerprint).toBe('fp_1');
    expect(chunks.map((each) => each.service_tier)).toEqual(['flex', 'flex', 'flex', 'default']);
    expect(chunks.at(-1)?.choices).toEqual([
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop', native_finish_reason: 'STOP' },
    ]);
  });

  it('is the same, whole or streamed', () => {
    const stream = frames({ ...chunk({ content: 'Hi.' }), ...own }, chunk({}, 'stop'), '[DONE]');
    const whole = openaiChat.decodeReply({ ...own, choices: [choice] }, testTarget());
    expect(collectMessage(decodeStream(openaiChat, [stream])).extensions).toEqual(whole.extensions);
  });

  it('cannot overwrite what the gateway says, and is noted where it belongs to another format', () => {
    const client: ClientContext = testClient();
    const extensions = { [ID]: { id: 'theirs', model: 'theirs' }, other: { tier: 1 } };
    const content = [{ type: 'text', text: 'x' }] as const;
    const body = openaiChat.encodeReply({ content, stopReason: 'end-turn', extensions }, client);
    expect(body).toMatchObject({ id: expect.stringMatching(/^chatcmpl-/), model: 'asked-model' });
    expect(client.notes.list).toMatchObject([{ path: 'tier', action: 'dropped' }]);
  });
});

describe('losses in a reply', () => {
  const lossy = [
    { ...chunk({ content: 'a' }), choices: [{ index: 0, delta: { content: 'a' }, odd: 1 }] },
    { ...chunk({}), choices: [{ index: 1, delta: { content: 'b' } }] },
    { ...chunk({}), choices: [{ index: 0, delta: { images: [{}], audio: { id: 'x' }, mystery: 1 } }] },
  ];
  const paths = ['choices[0].odd', 'choices', 'images', 'audio', 'mystery'];

  it('are noted once for each kind in a stream, however often they come', () => {
    const target = testTarget();
    decodeStream(openaiChat, [frames(...lossy, ...lossy, chunk({}, 'stop'), '[DONE]')], target);
    expect(target.notes.list.map(({ path, action }) => [path, action])).toEqual(paths.map((path) => [path, 'dropped']));
  });

  it('are noted in a whole reply', () => {
    const target = testTarget();
    const message = { content: 'a', images: [{}], audio: { id: 'x' }, mystery: 1, refusal: null };
    const first = { ...choice, message, odd: 1 };
    openaiChat.decodeReply({ choices: [first, { ...choice, index: 1 }] }, target);
    expect(target.notes.list.map(({ path }) => path).sort()).toEqual([...paths].sort());
  });
});
