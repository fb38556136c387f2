import { expect, it } from '@jest/globals';
import { anthropicTurn, headersThenHang, sse } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway } from './harness.ts';

const { frames } = anthropicTurn({ text: 'Half an answer, and no more.' }, { model: 'claude-test' });

it('answers in flight get the grace of the config when the gateway stops, and then an error', async () => {
  const gateway = await startTestGateway({ server: { shutdownGraceMs: 60_000 } });
  try {
    gateway.provider.on('/v1/messages', headersThenHang({ content: frames.slice(0, 4).join('') }));
    // Of the config as it is by now.
    await gateway.reload({ server: { shutdownGraceMs: 50 } });
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const closed = gateway.gateway.close();
    expect(await answer.text()).toContain('event: error');
    expect((await gateway.nextRecord()).error?.code).toBe('UNAVAILABLE');
    await closed;
  } finally {
    await gateway.close();
  }
});

it('answers in flight that end within the grace are whole', async () => {
  const gateway = await startTestGateway({ server: { shutdownGraceMs: 60_000 } });
  try {
    gateway.provider.on('/v1/messages', sse(frames, { delayMs: 20 }));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const closed = gateway.gateway.close();
    expect(await answer.text()).toContain('message_stop');
    await closed;
  } finally {
    await gateway.close();
  }
});
