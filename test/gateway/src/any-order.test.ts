import { afterEach, expect, it } from '@jest/globals';
import type { JsonObject, Plugin } from '@signalbox/kit';
import routeFallback from '@signalbox/route-fallback';
import routeHealth from '@signalbox/route-health';
import routeHedge from '@signalbox/route-hedge';
import { providerError, reply } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const PLUGINS: Readonly<Record<string, readonly [Plugin, JsonObject]>> = {
  fallback: [routeFallback, { default: ['anthropic/second'], retry: { maxRetries: 0 } }],
  health: [routeHealth, { consecutiveFailures: 1, openMs: 60_000 }],
  hedge: [routeHedge, { afterMs: 300_000, share: 1 }],
};
const ORDERS = [
  ['fallback', 'health', 'hedge'],
  ['fallback', 'hedge', 'health'],
  ['health', 'fallback', 'hedge'],
  ['health', 'hedge', 'fallback'],
  ['hedge', 'fallback', 'health'],
  ['hedge', 'health', 'fallback'],
];

it.each(ORDERS)('%s, %s, %s: health and hedging see what fallbacks add', async (...order) => {
  gateway = await startTestGateway({
    targets: ['anthropic/first'],
    plan: {},
    plugins: order.flatMap((name) => (PLUGINS[name] === undefined ? [] : [PLUGINS[name]])),
  });
  gateway.provider.on(({ body }) => body?.model === 'first', providerError(503, { message: 'down' }));
  gateway.provider.on(({ body }) => body?.model === 'second', reply({ text: 'Done.' }));
  const ask = async () => {
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(200);
    await answer.text();
    const { route, attempts } = await gateway.nextRecord();
    return { route, tried: attempts.map(({ target }) => target.model) };
  };
  expect(await ask()).toEqual({
    route: expect.stringMatching(/then anthropic\/second: .*; after 300000 ms anthropic\/second is tried, too$/),
    tried: ['first', 'second'],
  });
  const { route, tried } = await ask();
  expect(tried).toEqual(['second']);
  expect(route).toMatch(
    /then anthropic\/second: .*; anthropic\/first rests, .*; after 300000 ms anthropic\/first is tried, too$/,
  );
  expect(route).not.toContain('no other target is left');
});
