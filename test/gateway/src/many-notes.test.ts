import { afterEach, describe, expect, it } from '@jest/globals';
import type { FidelityNote } from '@signalbox/kit';
import { json, reply, sse } from '@signalbox/testkit';
import { chatBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MESSAGES = '/v1/messages';
const BLOCKS = 30_000;
const ODD = { type: 'odd_block', odd: true };
const full = { 'x-signalbox-receipt': 'full' };
const left = (count: number) => ({ path: '', action: 'dropped', reason: expect.stringContaining('left out'), count });

/** An answer of many blocks that no other format has, with a text behind them. */
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [...Array.from({ length: BLOCKS }, () => ODD), { type: 'text', text: 'Done.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};

function stream(): string {
  const frame = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  const frames = [frame({ type: 'message_start', message: { ...message, content: [], stop_reason: null } } as never)];
  message.content.forEach((block, index) => {
    const start = 'text' in block ? { ...block, text: '' } : block;
    frames.push(frame({ type: 'content_block_start', index, content_block: start } as never));
    if ('text' in block) {
      const delta = { type: 'text_delta', text: block.text };
      frames.push(frame({ type: 'content_block_delta', index, delta } as never));
    }
    frames.push(frame({ type: 'content_block_stop', index } as never));
  });
  frames.push(frame({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: message.usage } as never));
  frames.push(frame({ type: 'message_stop' }));
  return frames.join('');
}

describe('an answer of which more is lost than anybody reads', () => {
  it('has the first losses and the number of the others in its record and on its receipt, streamed', async () => {
    gateway = await startTestGateway({ targets: ['anthropic/m'] });
    gateway.provider.on(MESSAGES, sse(stream()));
    const answered = await gateway.post('/v1/chat/completions', chatBody({ stream: true, max_tokens: 10 }), full);
    const text = await answered.text();
    expect(text).toContain('Done.');
    const { notes } = await gateway.nextRecord();
    expect(notes).toHaveLength(1_001);
    expect(notes.at(-1)).toEqual(left(BLOCKS - 1_000));
    const [, receipt = ''] = /\n: signalbox-receipt (.*)\n\n$/.exec(text) ?? [];
    expect((JSON.parse(receipt) as FidelityNote[]).at(-1)).toEqual(left(BLOCKS - 1_000));
  });

  it('and whole', async () => {
    gateway = await startTestGateway({ targets: ['anthropic/m'] });
    gateway.provider.on(MESSAGES, json(200, message));
    const answered = await gateway.post('/v1/chat/completions', chatBody({ max_tokens: 10 }), full);
    expect(answered.headers.get('x-signalbox-fidelity')).toBe(`dropped=${BLOCKS}`);
    const receipt = JSON.parse(answered.headers.get('x-signalbox-receipt') ?? '') as object[];
    expect(receipt.at(-1)).toEqual({ more: BLOCKS - (receipt.length - 1) });
    expect((await gateway.nextRecord()).notes.at(-1)).toEqual(left(BLOCKS - 1_000));
  });
});

it('a loss is one in strict mode however many notes stand before it', async () => {
  gateway = await startTestGateway({ targets: ['chat/m'] });
  gateway.provider.on('/v1/chat/completions', reply({ text: 'hi' }));
  const block = (index: number) => ({ type: 'text', text: `${index}`, cache_control: { type: 'ephemeral' } });
  const ask = (extra: object) =>
    gateway.post(
      MESSAGES,
      {
        model: 'm',
        max_tokens: 10,
        system: Array.from({ length: 1_500 }, (_, index) => block(index)),
        messages: [{ role: 'user', content: 'hi' }],
        ...extra,
      },
      { 'anthropic-version': '2023-06-01', 'x-signalbox-strict': '1' },
    );
  expect((await ask({})).status).toBe(200);
  const refused = await ask({ messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, ODD] }] });
  expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('Strict')]);
});
