import { expect, it } from '@jest/globals';
import { applyPlugin, fakeExchange } from '@signalbox/testkit';
import maxTokens from './index.ts';

it('taps nothing without limits, so that a client’s own bytes go on undecoded', async () => {
  expect((await applyPlugin(maxTokens, { limits: {} })).taps).toEqual([]);
});

it('F61 says what was asked for and what is sent', async () => {
  const { hooks } = await applyPlugin(maxTokens, { limits: { 'a/b': 100 } });
  const exchange = fakeExchange({ request: { maxOutputTokens: 300 } });
  await hooks.transformIn.promise(exchange.request, { provider: 'a', model: 'b' }, exchange);
  expect(exchange.notes.list).toEqual([
    { path: 'maxOutputTokens', action: 'approximated', reason: '300 were asked for: this target gets at most 100' },
  ]);
});

it('takes characters of a pattern for what they are', async () => {
  const { hooks } = await applyPlugin(maxTokens, { limits: { 'a/gpt-5.1': 100 } });
  const exchange = fakeExchange({ request: { maxOutputTokens: 300 } });
  const clamp = (model: string) => hooks.transformIn.promise(exchange.request, { provider: 'a', model }, exchange);
  expect((await clamp('gpt-5.1')).maxOutputTokens).toBe(100);
  expect(await clamp('gpt-5x1')).toBe(exchange.request);
});
