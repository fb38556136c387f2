import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Format, Notes, type StreamEvent, ToolNames } from '@signalbox/kit';
import { sampleFormat } from '../test/sample-format.ts';
import { acme } from '../test/toy-format.ts';
import {
  conversation,
  errorFrame,
  formatTurn,
  providerError,
  type ScriptedProvider,
  startScriptedProvider,
} from './index.ts';
import { chatRouteOf } from './own-format.ts';

const turn = {
  reasoning: 'Hm.',
  text: 'Looking it up, piece by piece.',
  toolCalls: [{ id: 'c1', name: 'look_up', arguments: '{"city":"Zürich"}' }],
  usage: { promptTokens: 3, completionTokens: 2 },
};
const target = {
  model: 'm',
  notes: new Notes(),
  toolNames: new ToolNames(),
  reasoningOrigin: 'sample',
  enforceStopSequences: () => {},
};
const kinds = (events: readonly StreamEvent[]) => events.map(({ type }) => type);

let provider: ScriptedProvider;
beforeEach(async () => {
  provider = await startScriptedProvider();
});
afterEach(() => provider.close());

const post = async (body: object) => {
  const response = await fetch(`${provider.url}/acme/chat`, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};

describe('formatTurn', () => {
  it('writes a turn as the format does, whole and in pieces', () => {
    const { body, sse, frames } = formatTurn(sampleFormat, turn, { model: 'm', id: 'r1' });
    expect(sampleFormat.decodeReply(body, target)).toMatchObject({
      content: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: turn.text },
        { type: 'tool-call', id: 'c1', name: 'look_up', input: { city: 'Zürich' } },
      ],
      stopReason: 'tool-call',
      usage: turn.usage,
    });
    const decoder = sampleFormat.createStreamDecoder(target);
    const events = [...decoder.push(Buffer.from(sse)), ...decoder.end()];
    expect(kinds(events).filter((type) => type === 'text-delta').length).toBeGreaterThan(1);
    expect(events.at(-1)).toMatchObject({ type: 'message-end', stopReason: 'tool-call' });
    expect(frames.join('')).toBe(sse);
  });
});

describe('chatRouteOf', () => {
  const withPath = (path: string): Format => ({
    ...sampleFormat,
    ingress: [{ method: 'POST', path, operation: 'chat' }],
  });

  it.each([
    ['/v2/chat', '/v2/chat', true],
    ['/v2/chat', '/acme/v2/chat', true],
    ['/v2/chat', '/v2/chats', false],
    ['/v1/models/:model\\:ask', '/v1/models/a-model:ask', true],
    ['/v1/models/:model\\:ask', '/v1/models/a/model:ask', false],
    ['/v1/*model/chat', '/v1/a/b/chat', true],
  ])('%s takes %s: %s', (path, asked, fits) => {
    expect(chatRouteOf(withPath(path), asked) !== undefined).toBe(fits);
  });
});

it('a conversation may be in a format of one’s own, with its errors', async () => {
  const format = acme;
  provider.on(
    /./,
    conversation([{ text: 'One.' }, { text: 'Two.' }, providerError(429, { message: 'Busy.', format })], { format }),
  );
  expect(JSON.parse((await post({ model: 'm', turns: [] })).text)).toMatchObject({ text: 'One.', end: 'done' });
  const streamed = await post({ model: 'm', turns: [], stream: true });
  expect(streamed.type).toBe('text/event-stream');
  expect(streamed.text).toContain('data: {"say":"Two."}\n\n');
  expect(await post({ model: 'm', turns: [] })).toMatchObject({ status: 429, text: '{"error":"Busy."}' });
  expect(await post({ model: 'm', turns: [] })).toMatchObject({
    status: 500,
    text: expect.stringContaining('has 3 turns'),
  });
  const [request] = provider.requests;
  expect(request && errorFrame(request, { message: 'Cut.', format })).toBe('data: {"error":"Cut."}\n\n');
});

it('a path that no turns are known for is named', async () => {
  provider.on(/./, conversation([{ text: 'One.' }]));
  expect(await post({ model: 'm' })).toMatchObject({
    status: 404,
    text: expect.stringContaining('no turns for `POST /acme/chat`; give `format`'),
  });
});
