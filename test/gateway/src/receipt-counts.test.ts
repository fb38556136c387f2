import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatResponses from '@signalbox/format-openai-responses';
import { hang, json, type Responder } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const FULL = { 'x-signalbox-receipt': 'full', ...anthropicHeaders };
const CLIENTS: readonly [path: string, body: object][] = [
  ['/v1/messages/count_tokens', messagesBody()],
  ['/v1/responses/input_tokens', { model: 'm', input: 'hi' }],
  ['/v1beta/models/m:countTokens', { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }],
];
const ESTIMATE = { path: 'usage.promptTokens', action: 'approximated', reason: expect.stringContaining('estimate') };

const start = async (target: string, responder?: Responder): Promise<void> => {
  gateway = await startTestGateway({ targets: [target], plugins: [[formatResponses], [formatGemini]] });
  if (responder !== undefined) gateway.provider.on('/v1/messages/count_tokens', responder);
};

describe.each(CLIENTS)('a count at %s', (path, body) => {
  it('that the provider made is lossless', async () => {
    await start('anthropic/claude-test', json(200, { input_tokens: 42 }));
    const { headers } = await gateway.post(path, body, FULL);
    expect(headers.get('x-signalbox-fidelity')).toBe('lossless');
    expect(JSON.parse(headers.get('x-signalbox-receipt') ?? '')).toEqual([]);
    expect(headers.get('x-signalbox-target')).toBe('anthropic/claude-test');
  });

  it.each<[string, string, Responder | undefined]>([
    [
      'that failed',
      'anthropic/claude-test',
      json(500, { type: 'error', error: { type: 'api_error', message: 'down' } }),
    ],
    ['that does not count', 'chat/gpt-test', undefined],
  ])('is told for an estimate at a provider %s', async (_why, target, responder) => {
    await start(target, responder);
    const { status, headers } = await gateway.post(path, body, FULL);
    expect(status).toBe(200);
    expect(headers.get('x-signalbox-fidelity')).toBe('approximated=1');
    expect(JSON.parse(headers.get('x-signalbox-receipt') ?? '')).toEqual([ESTIMATE]);
    expect(await gateway.nextRecord()).toMatchObject({ notes: [ESTIMATE], receipt: true });
    expect((await gateway.post(path, body, anthropicHeaders)).headers.get('x-signalbox-receipt')).toBeNull();
  });
});

it('a count of a provider that hangs is told for an estimate', async () => {
  await start('anthropic/claude-test', hang());
  const { headers } = await gateway.post('/v1/messages/count_tokens', messagesBody(), FULL);
  expect(headers.get('x-signalbox-fidelity')).toBe('approximated=1');
}, 15_000);
