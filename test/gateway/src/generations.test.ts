import { afterEach, describe, expect, it } from '@jest/globals';
import authApiKey from '@signalbox/auth-api-key';
import { definePlugin, type Plugin } from '@signalbox/kit';
import { anthropicTurn, hang, headersThenHang, openaiChatTurn, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const ask = (extra: object = {}) => gateway.post('/v1/messages', messagesBody(extra), anthropicHeaders);

/** Counts how often generations that have it are closed. */
function closeCounter(): { plugin: Plugin; closed: () => number } {
  let count = 0;
  const plugin = definePlugin({
    name: 'counter',
    apply: ({ hooks }) => hooks.close.tap('counter', () => count++),
  });
  return { plugin, closed: () => count };
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('F99 another configuration', () => {
  const turn = { text: 'word '.repeat(200) };
  const passed = anthropicTurn(turn, { model: 'claude-test' }).sse;
  const chatStream = openaiChatTurn(turn, { model: 'gpt-test' }).sse;

  it.each([
    ['pass-through', 'anthropic/claude-test', '/v1/messages', passed],
    ['canonical', 'chat/gpt-test', '/v1/chat/completions', chatStream],
  ])('leaves a stream alone, ten times over: %s', async (lane, target, path, stream) => {
    const counter = closeCounter();
    const options = { targets: [target], plugins: [[counter.plugin]] as const };
    gateway = await startTestGateway(options);
    gateway.provider.on(path, sse(stream));
    const undisturbed = await (await ask({ stream: true })).text();
    await gateway.nextRecord();
    const rounds = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
    const size = Math.ceil(stream.length / (rounds.length + 1));
    gateway.provider.on(path, async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      await wire.write(Buffer.from(stream).subarray(0, size));
      for (const [index, { promise }] of rounds.entries()) {
        await promise;
        await wire.write(Buffer.from(stream).subarray(size * (index + 1), size * (index + 2)));
      }
      await wire.end();
    });

    const answer = await ask({ stream: true });
    expect(answer.headers.get('x-signalbox-lane')).toBe(lane);
    const text = answer.text();
    for (const [index, { resolve }] of rounds.entries()) {
      await gateway.reload(options);
      // The one that the stream has stays; all that came between had nothing to do.
      await until(() => counter.closed() === index);
      resolve();
    }
    const withoutId = (body: string) => body.replace(/"id":"msg_[^"]*"/, '');
    expect(withoutId(await text)).toBe(withoutId(undisturbed));
    expect((await gateway.nextRecord()).attempts.map(({ outcome }) => outcome)).toEqual(['answered']);
    await until(() => counter.closed() === 10);
  });

  it('is what the next request gets', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', reply({ text: 'from the first' }));
    gateway.provider.on('/v1/chat/completions', reply({ text: 'from the second' }));
    expect(await (await ask()).text()).toContain('from the first');
    await gateway.reload({ targets: ['chat/gpt-test'] });
    expect(await (await ask()).text()).toContain('from the second');
  });

  it('cannot move the gateway to another address', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', reply({ text: 'still here' }));
    await expect(gateway.reload({ server: { port: 1 } })).rejects.toThrow('take effect at the next start');
    expect((await ask()).status).toBe(200);
  });

  it('keeps what plugins hand on', async () => {
    const seen: number[] = [];
    const counter = definePlugin({
      name: 'counter',
      apply: ({ kept }) => {
        const state = kept('counter', () => ({ starts: 0 }));
        seen.push(++state.starts);
      },
    });
    gateway = await startTestGateway({ plugins: [[counter]] });
    await gateway.reload();
    expect(seen).toEqual([1, 2]);
  });
});

describe('/health', () => {
  const details = async (headers: Record<string, string> = {}) =>
    (await (await fetch(`${gateway.url}/health`, { headers })).json()) as Record<string, unknown>;

  it('counts the configurations and says what is wrong with the last one', async () => {
    const weather = definePlugin({
      name: 'weather',
      apply: ({ addHealth }) => addHealth('weather', () => ({ sky: 'clear' })),
    });
    gateway = await startTestGateway({ plugins: [[weather]] });
    expect(await details()).toEqual({
      status: 'ok',
      name: 'signalbox',
      version: '0.0.0-test',
      providers: ['anthropic', 'chat'],
      config: { generation: 1 },
      weather: { sky: 'clear' },
    });
    gateway.gateway.reportReload('signalbox.jsonc:3:5: unknown key');
    expect(await details()).toMatchObject({ config: { generation: 1, problem: 'signalbox.jsonc:3:5: unknown key' } });
    await gateway.reload();
    expect(await details()).toMatchObject({ config: { generation: 2 } });
  });

  it('keeps the details for those who may use the gateway', async () => {
    gateway = await startTestGateway({ plugins: [[authApiKey, { keys: ['a-long-enough-key-for-all'] }]] });
    expect(Object.keys(await details())).toEqual(['status', 'name', 'version']);
    expect(Object.keys(await details({ 'x-api-key': 'wrong-key-altogether' }))).toEqual(['status', 'name', 'version']);
    expect(await details({ 'x-api-key': 'a-long-enough-key-for-all' })).toHaveProperty('providers');
  });
});

describe('a gateway that stops and cannot wait any longer', () => {
  const path = '/v1/messages';

  it('ends an open stream with an error event and no mark of success', async () => {
    const { sse: stream } = anthropicTurn({ text: 'word '.repeat(200) }, { model: 'claude-test' });
    const half = (content: string) => headersThenHang({ content: content.slice(0, content.length / 2) });
    for (const target of ['anthropic/claude-test', 'chat/gpt-test']) {
      gateway = await startTestGateway({ targets: [target] });
      const chat = openaiChatTurn({ text: 'word '.repeat(200) }, { model: 'gpt-test' }).sse;
      gateway.provider.on(path, half(stream));
      gateway.provider.on('/v1/chat/completions', half(chat));
      const answer = await ask({ stream: true });
      const text = answer.text();
      await gateway.drain(100);
      expect(await text).toMatch(/event: error\ndata: .*gateway is stopping/);
      expect(await text).not.toContain('message_stop');
      expect(await gateway.nextRecord()).toMatchObject({
        aborted: false,
        error: { code: 'UNAVAILABLE' },
        attempts: [{ outcome: 'aborted', committedMs: expect.any(Number), error: { code: 'UNAVAILABLE' } }],
      });
      await gateway.close();
    }
  });

  it('waits for less where it is told to later on', async () => {
    gateway = await startTestGateway();
    gateway.provider.on(path, hang());
    const answer = ask();
    await gateway.provider.waitForRequest(0);
    const patient = gateway.drain(60_000);
    await gateway.drain(50);
    await gateway.drain(60_000);
    await patient;
    expect((await answer).status).toBe(503);
  });

  it('answers what has not begun with a 503 in the client’s format', async () => {
    gateway = await startTestGateway();
    gateway.provider.on(path, hang());
    const answers = [ask(), ask({ stream: true })];
    await gateway.provider.waitForRequest(1);
    await gateway.drain(50);
    for (const pending of answers) {
      const answer = await pending;
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        type: 'error',
        error: { message: expect.stringContaining('stopping') },
      });
    }
    // The provider is not to blame.
    for (const _ of answers) {
      expect(await gateway.nextRecord()).toMatchObject({
        status: 503,
        aborted: false,
        error: { code: 'UNAVAILABLE' },
        attempts: [{ outcome: 'aborted', error: { code: 'UNAVAILABLE' } }],
      });
    }
  });
});
