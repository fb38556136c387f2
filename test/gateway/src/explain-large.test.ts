import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, type JsonObject } from '@signalbox/kit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MIB = 1024 * 1024;
const TARGETS = Array.from({ length: 10 }, (_, index) => `${index % 2 === 0 ? 'anthropic' : 'chat'}/m${index}`);

/** A conversation of about so many bytes. */
const bodyOf = (bytes: number): object =>
  messagesBody({
    messages: Array.from({ length: 11 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: 'word '.repeat(bytes / 55),
    })),
  });

const upstreams = async (answer: Response) =>
  ((await answer.json()) as { targets: { upstream: { body?: JsonObject; bodyBytes: number } }[] }).targets.map(
    ({ upstream }) => upstream,
  );

describe('POST /explain with a large request', () => {
  it('refuses one that would hold up everybody else, in the client’s format, and says what to use', async () => {
    gateway = await startTestGateway({ targets: TARGETS });
    const answer = await gateway.post('/explain', bodyOf(9 * MIB), anthropicHeaders);
    expect(answer.status).toBe(413);
    const said = (await answer.json()) as JsonObject;
    expect(said).toMatchObject({
      type: 'error',
      error: { message: expect.stringMatching(/^POST \/explain takes at most 8388608 bytes: .*signalbox explain/) },
    });
  });

  it('never takes more than the gateway does', async () => {
    gateway = await startTestGateway({ targets: TARGETS, server: { maxBodyBytes: 2048 } });
    const answer = await gateway.post('/explain', bodyOf(5_000), anthropicHeaders);
    expect(answer.status).toBe(413);
    expect(JSON.stringify(await answer.json())).toContain('server.maxBodyBytes');
  });

  it('shows the body of the first target, and of the others how long theirs are', async () => {
    gateway = await startTestGateway({ targets: TARGETS });
    const [first, ...others] = await upstreams(await gateway.post('/explain', bodyOf(MIB)));
    expect(first?.body).toMatchObject({ model: 'm0' });
    expect(others).toHaveLength(9);
    for (const { body, bodyBytes } of others) {
      expect(body).toBeUndefined();
      expect(bodyBytes).toBeGreaterThan(MIB);
    }
  });

  it('shows all bodies while they are small', async () => {
    gateway = await startTestGateway({ targets: TARGETS });
    for (const { body, bodyBytes } of await upstreams(await gateway.post('/explain', bodyOf(50_000)))) {
      expect(Buffer.byteLength(JSON.stringify(body))).toBe(bodyBytes);
    }
  });

  it('lets others in between the targets', async () => {
    let turns = 0;
    let next = setImmediate(function count() {
      turns++;
      next = setImmediate(count);
    });
    const turnsBefore: number[] = [];
    const looking = definePlugin({
      name: 'transform-looking',
      apply: ({ hooks }) =>
        hooks.transformIn.tap('transform-looking', (request) => {
          turnsBefore.push(turns);
          return request;
        }),
    });
    gateway = await startTestGateway({ targets: TARGETS, plugins: [[looking]] });
    await gateway.post('/explain', bodyOf(1_000));
    clearImmediate(next);
    expect(turnsBefore).toHaveLength(TARGETS.length);
    expect(new Set(turnsBefore).size).toBe(TARGETS.length);
  });
});
