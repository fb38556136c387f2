import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, defineProvider, type JsonObject, type Plugin, Type } from '@signalbox/kit';
import providerOpenai from '@signalbox/provider-openai';
import { json, reply, responsesTurn } from '@signalbox/testkit';
import responseStore from '@signalbox/transform-response-store';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MESSAGES = '/v1/messages';
const RESPONSES = '/openai/v1/responses';
/** It leaves the pass-through lane. */
const touch = definePlugin({
  name: 'test-touch',
  apply: ({ hooks }) => hooks.transformIn.tap('test-touch', (request) => ({ ...request })),
});

/** It gets every body as it came. */
const verbatim = defineProvider({
  id: 'verbatim',
  configSchema: Type.Object({ url: Type.String() }),
  create: ({ url }) => ({ format: openaiResponses, endpoint: () => ({ url, headers: {} }) }),
});

type Entries = readonly (readonly [Plugin, JsonObject?])[];

const options = (target: string, more: Entries = [[responseStore]]) => ({
  targets: [target],
  plugins: (url: string): Entries => [
    [openaiResponses],
    [providerOpenai, { apiKey: 'sk-gateway-openai', baseUrl: `${url}/openai/v1` }],
    [verbatim, { url: url + RESPONSES }],
    ...more,
  ],
});

async function post(body: JsonObject, path = '/v1/responses'): Promise<{ status: number; body: JsonObject }> {
  const answered = await gateway.post(path, { model: 'asked', ...body });
  return { status: answered.status, body: (await answered.json()) as JsonObject };
}

async function begin(body: JsonObject): Promise<{ id: string; output: { id: string }[] }> {
  gateway.provider.once(MESSAGES, reply({ text: 'One.' }));
  const { status, body: created } = await post(body);
  expect(status).toBe(200);
  return created as never;
}

const user = (content: string) => ({ role: 'user', content });
/** The output of no call. */
const STRAY = { type: 'function_call_output', output: 'x' };

describe('what is said of a place in the input counts what the client sent', () => {
  const said = async (body: JsonObject) => ((await post(body)).body.error as JsonObject).message;

  it('behind a response that it goes on from, and items that it names', async () => {
    gateway = await startTestGateway(options('anthropic/claude-test'));
    const { id, output } = await begin({ input: [user('Begin.'), user('Do.')] });
    const reference = { type: 'item_reference', id: output[0]?.id ?? '' };
    const on = { previous_response_id: id };
    expect(await said({ ...on, input: [STRAY] })).toMatch(/^input\[0\]\.call_id: must name/);
    expect(await said({ ...on, input: [user('a'), { role: 'robot' }] })).toMatch(/^input\[1\]\.role: /);
    // What is there already is not put in again.
    expect(await said({ ...on, input: [reference, reference, user('a'), STRAY] })).toMatch(/^input\[3\]\.call_id/);
    expect(await said({ input: [reference, reference, STRAY] })).toMatch(/^input\[2\]\.call_id/);
    expect(await said({ ...on, input: [user('a'), 'b'] })).toMatch(/^input\[1\]: must be an object/);
  });

  it('and names the response of what came with it', async () => {
    gateway = await startTestGateway(options('anthropic/claude-test'));
    const tools = [{ type: 'custom', name: 'patch' }];
    const { id } = await begin({ input: [user('Begin.'), { type: 'additional_tools', tools }] });
    expect((await gateway.nextRecord()).notes).toContainEqual(expect.objectContaining({ path: 'input[1].tools[0]' }));
    gateway.provider.once(MESSAGES, reply({ text: 'Two.' }));
    const second = await post({
      previous_response_id: id,
      input: [{ type: 'additional_tools', tools: [{ type: 'custom', name: 'look' }] }, user('Go on.')],
    });
    expect(second.status).toBe(200);
    const paths = (await gateway.nextRecord()).notes.map(({ path }) => path);
    expect(paths).toContain(`in response ${id}: input[1].tools[0]`);
    expect(paths).toContain('input[0].tools[0]');
    expect(paths.filter((path) => path.includes('input['))).toHaveLength(2);
  });
});

describe('a reference that names nothing', () => {
  it.each([{}, { id: '' }, { id: null }, { id: 7 }])('says what is missing (%j)', async (more) => {
    gateway = await startTestGateway(options('anthropic/claude-test'));
    const { status, body } = await post({ input: [user('Hi'), { type: 'item_reference', ...more }] });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(/^input\[1\]\.id: must name the item/),
    });
  });
});

describe('an id of the gateway’s own that it does not know', () => {
  const UNKNOWN = 'resp_sbx_AAAAAAAAAAAAAAAAAAAAAAAA';
  const notFound = {
    status: 400,
    body: {
      error: {
        type: 'invalid_request_error',
        param: 'previous_response_id',
        code: 'previous_response_not_found',
        message: expect.stringContaining(`'${UNKNOWN}' not found`),
      },
    },
  };

  it.each([
    ['passes through to nobody', 'verbatim/m', [[responseStore]]],
    ['is translated for nobody', 'openai/gpt-5.5', [[responseStore], [touch]]],
    ['is translated for nobody where nothing is kept', 'openai/gpt-5.5', []],
  ] as const)('%s', async (_what, target, more) => {
    gateway = await startTestGateway(options(target, more));
    gateway.provider.on(RESPONSES, json(200, responsesTurn({ text: 'One.' }).body));
    const body = { input: [user('And?')], previous_response_id: UNKNOWN };
    expect(await post(body)).toMatchObject(notFound);
    expect(await post({ ...body, stream: true })).toMatchObject(notFound);
    expect(await post({ ...body, input: 'And?' })).toMatchObject(notFound);
    expect(gateway.provider.requests).toEqual([]);
    // The provider's own it may know.
    expect((await post({ ...body, previous_response_id: 'resp_1' })).status).toBe(200);
  });

  it('is no item that a provider could know', async () => {
    gateway = await startTestGateway(options('openai/gpt-5.5'));
    gateway.provider.on(RESPONSES, json(200, responsesTurn({ text: 'One.' }).body));
    const id = 'msg_sbxAAAAAAAAAAAAAAAAAAAAAAAA';
    for (const reference of [{ type: 'item_reference', id }, { id }]) {
      expect(await post({ input: [reference, user('And?')] })).toMatchObject({
        status: 400,
        body: { error: { param: 'input', message: expect.stringContaining(`'${id}' not found`) } },
      });
    }
    // An item that is sent whole may be called anything.
    const sent = { type: 'message', role: 'assistant', id, content: [{ type: 'output_text', text: 'Hm.' }] };
    expect((await post({ input: [sent, user('And?')] })).status).toBe(200);
    expect((await post({ input: `What is ${UNKNOWN}?` })).status).toBe(200);
    expect(gateway.provider.requests).toHaveLength(2);
  });

  it('is not taken for unknown beside an input that is none', async () => {
    gateway = await startTestGateway(options('anthropic/claude-test'));
    const { id } = await begin({ input: 'Begin.' });
    await gateway.reload(options('verbatim/m'));
    for (const [input, message] of [
      [['And?'], 'input[0]: must be an object.'],
      [7, 'input: must be an array.'],
    ] as const) {
      expect(await post({ previous_response_id: id, input: input as never })).toMatchObject({
        status: 400,
        body: { error: { message } },
      });
    }
    expect(gateway.provider.requests).toHaveLength(1);
  });

  it('is not counted either', async () => {
    gateway = await startTestGateway(options('openai/gpt-5.5'));
    const body = { input: 'And?', previous_response_id: UNKNOWN };
    expect(await post(body, '/v1/responses/input_tokens')).toMatchObject(notFound);
    expect(gateway.provider.requests).toEqual([]);
  });
});
