import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, type Exchange, Stage } from '@signalbox/kit';
import { json } from '@signalbox/testkit';
import { CHAT_PATH, MESSAGES_PATH } from './catalogue.ts';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

const SYSTEM = 'The harbour was quiet when the first boats came back. '.repeat(200);
const MODEL = 'claude-test';

let gateway: TestGateway;
afterEach(() => gateway.close());

/** What a strategy is told, for each exchange. */
function watcher() {
  const seen: { bare: number; target: number; other: number }[] = [];
  const estimates = (exchange: Exchange) => ({
    bare: exchange.estimatePromptTokens(),
    target: exchange.estimatePromptTokens({ provider: 'chat', model: 'm' }),
    other: exchange.estimatePromptTokens({ provider: 'chat', model: 'other' }),
  });
  const plugin = definePlugin({
    name: 'test-watch',
    apply: ({ hooks }) =>
      hooks.route.tap({ name: 'test-watch', stage: Stage.Early }, (plan, exchange) => {
        seen.push(estimates(exchange));
        return plan;
      }),
  });
  return { plugin, seen };
}

/** A Chat provider that reports this prompt. */
function report(promptTokens: number | undefined): void {
  const message = { role: 'assistant', content: 'ok' };
  const usage = promptTokens === undefined ? {} : { usage: { prompt_tokens: promptTokens, completion_tokens: 1 } };
  const body = { id: 'c', object: 'chat.completion', created: 1, model: 'm', ...usage };
  gateway.provider.on(CHAT_PATH, json(200, { ...body, choices: [{ index: 0, message, finish_reason: 'stop' }] }));
}

async function ask(model = MODEL): Promise<{ usage: { input_tokens: number } }> {
  const answer = await gateway.post(MESSAGES_PATH, messagesBody({ model, system: SYSTEM }), anthropicHeaders);
  expect(answer.status).toBe(200);
  await gateway.nextRecord();
  return (await answer.json()) as { usage: { input_tokens: number } };
}

async function count(): Promise<number> {
  const answer = await gateway.post(
    `${MESSAGES_PATH}/count_tokens`,
    messagesBody({ model: MODEL, system: SYSTEM }),
    anthropicHeaders,
  );
  await gateway.nextRecord();
  return ((await answer.json()) as { input_tokens: number }).input_tokens;
}

describe('estimates', () => {
  it('are corrected by what a target has reported, for it and for the model as asked for', async () => {
    const { plugin, seen } = watcher();
    gateway = await startTestGateway({ targets: ['chat/m'], plugins: [[plugin]] });
    const before = await count();
    expect(before).toBeGreaterThan(2_000);
    report(Math.round(before * 1.5));
    await ask();
    const after = await count();
    expect(after / before).toBeCloseTo(1.5, 2);
    await ask('claude-never-seen');
    expect(seen.map(({ bare }) => Math.round((bare / before) * 10))).toEqual([10, 10, 15, 10]);
    expect(seen.map(({ target }) => Math.round((target / before) * 10))).toEqual([10, 10, 15, 15]);
    expect(seen.map(({ other }) => Math.round((other / before) * 10))).toEqual([10, 10, 10, 10]);
  });

  it('stay corrected when the config is loaded anew', async () => {
    const options = { targets: ['chat/m'], plugins: [[watcher().plugin] as const] };
    gateway = await startTestGateway(options);
    const before = await count();
    report(before * 2);
    await ask();
    await gateway.reload(options);
    expect((await count()) / before).toBeCloseTo(2, 1);
  });

  it('F25 F35 say to a client what is likely where the provider reports nothing', async () => {
    gateway = await startTestGateway({ targets: ['chat/m'], plugins: [[watcher().plugin]] });
    const before = await count();
    report(Math.round(before * 1.4));
    await ask();
    report(undefined);
    expect((await ask()).usage.input_tokens / before).toBeCloseTo(1.4, 1);
    report(0);
    await ask();
    expect((await count()) / before).toBeCloseTo(1.4, 1);
  });
});
