import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import { anthropicTurn, cutAfter, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const lossy = { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } };
const full = { ...anthropicHeaders, 'x-signalbox-receipt': 'full' };
const note = { path: 'context_management', action: 'dropped', reason: expect.any(String) };
const lanes = [
  ['chat/gpt-test', [note]],
  ['anthropic/claude-test', []],
] as const;

describe.each(lanes)('a receipt of %s', (target, expected) => {
  const start = async () => {
    gateway = await startTestGateway({ targets: [target] });
    gateway.provider.on('/v1/messages', reply({ text: 'hello' }));
    gateway.provider.on('/v1/chat/completions', reply({ text: 'hello' }));
  };
  const ask = (headers: Record<string, string>, extra: object = {}) =>
    gateway.post('/v1/messages', messagesBody({ ...lossy, ...extra }), headers);

  it('stands in a header of a whole answer', async () => {
    await start();
    expect(JSON.parse((await ask(full)).headers.get('x-signalbox-receipt') ?? '')).toEqual(expected);
    expect((await ask(anthropicHeaders)).headers.get('x-signalbox-receipt')).toBeNull();
  });

  it('is the last comment of a stream, which the SDK skips', async () => {
    await start();
    const text = await (await ask(full, { stream: true })).text();
    const [, receipt = ''] = /\n\n: signalbox-receipt (.*)\n\n$/.exec(text) ?? [];
    expect(JSON.parse(receipt)).toEqual(expected);
    expect(await (await ask(anthropicHeaders, { stream: true })).text()).not.toContain('signalbox-receipt');
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'x', maxRetries: 0, defaultHeaders: full });
    const message = await client.messages.stream(messagesBody(lossy) as never).finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: 'hello' }]);
  });

  it('does not make a cut stream look finished', async () => {
    await start();
    const { sse: stream } = anthropicTurn({ text: 'hello there, this goes on' }, { model: 'claude-test' });
    gateway.provider.on('/v1/messages', cutAfter(Math.floor(stream.length * 0.7), 'rst', sse(stream)));
    gateway.provider.on('/v1/chat/completions', cutAfter(700, 'rst', reply({ text: 'hello there, this goes on' })));
    const text = await (await ask(full, { stream: true })).text();
    expect(text).toContain('event: error');
    expect(text).not.toContain('message_stop');
  });
});
