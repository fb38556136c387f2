import { describe, expect, it } from '@jest/globals';
import { collectReply, type Reply } from '@signalbox/kit';
import { applyPlugin, fakeExchange } from '@signalbox/testkit';
import hideReasoning from './index.ts';

const whole: Reply = {
  kind: 'whole',
  message: {
    content: [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hello' },
      { type: 'reasoning', text: 'more' },
      { type: 'tool-call', id: 'call_1', name: 'f', input: {} },
    ],
    stopReason: 'tool-call',
  },
};

describe('hide-reasoning', () => {
  it('leaves reasoning out and keeps the rest in order', async () => {
    const { hooks } = await applyPlugin(hideReasoning, {});
    const reply = await hooks.transformOut.promise(whole, fakeExchange());
    expect((await collectReply(reply)).content.map(({ type }) => type)).toEqual(['text', 'tool-call']);
  });

  it('leaves other models alone', async () => {
    const { hooks } = await applyPlugin(hideReasoning, { models: ['other'] });
    expect(await hooks.transformOut.promise(whole, fakeExchange({ model: 'some-model' }))).toBe(whole);
  });
});
