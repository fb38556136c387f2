import { afterEach, expect, it } from '@jest/globals';
import providerCompatible from '@signalbox/provider-compatible';
import { hang } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

it.each([
  ['slow/gpt-quick', 100],
  ['slow/gpt-other', 250],
  ['slow/thinker-pro', 400],
])('F94 the limits of %s are its own', async (target, limitMs) => {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [
        providerCompatible,
        {
          name: 'slow',
          baseUrl: `${url}/v1`,
          format: 'openai-chat',
          timeouts: { headersMs: 250 },
          modelTimeouts: { 'gpt-*': {}, 'gpt-quick': { headersMs: 100 }, '*-pro': { headersMs: 400 } },
        },
      ],
    ],
  });
  gateway.provider.on('/v1/chat/completions', hang());
  const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
  expect(answer.status).toBe(504);
  const { attempts } = await gateway.nextRecord();
  const ms = (attempts[0]?.endedMs ?? 0) - (attempts[0]?.startedMs ?? 0);
  expect(attempts[0]?.error).toMatchObject({
    code: 'HEADERS_TIMEOUT',
    message: expect.stringContaining(`within ${limitMs} ms`),
  });
  expect(ms).toBeGreaterThanOrEqual(limitMs - 5);
});
