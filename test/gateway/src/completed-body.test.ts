import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, Stage } from '@signalbox/kit';
import { json, reply } from '@signalbox/testkit';
import { chatBody, startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const CHAT = '/v1/chat/completions';
const said = (content: unknown) => ({ role: 'user', content });
const HISTORY = { messages: [said('Once there was a heron.'), said('Go on.')] };

/** Puts another body in the place of every one that asks for it, in pieces. */
const complete = (fields: object) =>
  definePlugin({
    name: 'test-complete',
    apply: ({ hooks }) =>
      hooks.route.tap({ name: 'test-complete', stage: Stage.First }, (plan, exchange) => {
        const { model, stream } = exchange.body;
        const [head = '', ...tail] = JSON.stringify({ model, stream, ...fields }).split(',');
        exchange.completeBody([head, ...tail.flatMap((piece) => [',', piece])]);
        return plan;
      }),
  });

async function start(fields: object, options: Partial<TestGatewayOptions> = {}): Promise<void> {
  gateway = await startTestGateway({ targets: ['chat/gpt-test'], plugins: [[complete(fields)]], ...options });
}

describe('a body that a plugin completes', () => {
  it.each([false, true])('is what everybody sees, and leaves the pass-through lane (streamed: %s)', async (stream) => {
    await start(HISTORY, { targets: ['chat/gpt-test', 'anthropic/claude-test'] });
    gateway.provider.once(CHAT, json(500, {}));
    gateway.provider.once('/v1/messages', reply({ text: 'It flew.' }));
    const sent = JSON.stringify(chatBody({ stream, messages: [said('…')] }));
    const answer = await gateway.post(CHAT, sent);
    expect(await answer.text()).toContain('It flew.');
    for (const { body } of gateway.provider.requests) expect(JSON.stringify(body)).toContain('heron');
    expect(JSON.stringify(gateway.provider.requests)).not.toContain('…');
    const record = await gateway.nextRecord();
    expect(record.attempts.map(({ lane }) => lane)).toEqual(['canonical', 'canonical']);
    expect(record.bytesIn).toBe(Buffer.byteLength(sent));
  });

  it('is the same for each of two tries at a time', async () => {
    await start(HISTORY, { plan: { hedge: { afterMs: 1 }, retry: { maxRetries: 0 } } });
    let calls = 0;
    gateway.provider.on(CHAT, async (request, wire) => {
      if (++calls === 1) return undefined;
      return reply({ text: 'It flew.' })(request, wire);
    });
    expect((await gateway.post(CHAT, chatBody())).status).toBe(200);
    expect(gateway.provider.requests).toHaveLength(2);
    for (const { body } of gateway.provider.requests) expect(JSON.stringify(body)).toContain('heron');
  });

  it('is held to the limits of one that is received', async () => {
    await start({ messages: [said('ж'.repeat(600))] }, { server: { maxBodyBytes: 1_000 } });
    expect((await gateway.post(CHAT, chatBody())).status).toBe(413);
    await gateway.close();
    await start({ ...HISTORY, deep: [[[[[[[[[[]]]]]]]]]] }, { server: { maxJsonDepth: 8 } });
    const deep = await gateway.post(CHAT, chatBody());
    expect(deep.status).toBe(400);
    expect(await deep.text()).toContain('nested deeper than 8');
    expect(gateway.provider.requests).toEqual([]);
  });
});
