import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { definePlugin, type JsonObject, type PluginHost } from '@signalbox/kit';
import providerBedrock from '@signalbox/provider-bedrock';
import { hang, json, type RecordedRequest, type Responder } from '@signalbox/testkit';
import { signatureOf } from './aws-signature.ts';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a-very-secret-access-key' };
const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const WHOLE = `/model/${encodeURIComponent(MODEL)}/converse`;
const COUNT = `/model/${encodeURIComponent(MODEL.slice(3))}/count-tokens`;
const ANSWER = {
  output: { message: { role: 'assistant', content: [{ text: 'Hello.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 8, outputTokens: 7, totalTokens: 15 },
};

let gateway: TestGateway;
let host: PluginHost;
const before = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' });
});
afterEach(async () => {
  await gateway.close();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, before);
});

async function start(more: JsonObject = KEY, targets = [`bedrock/${MODEL}`], plan = {}): Promise<void> {
  const spy = definePlugin({
    name: 'test-spy',
    apply: (given) => {
      host = given;
    },
  });
  gateway = await startTestGateway({
    targets,
    plan: { retry: { maxRetries: 0 }, ...plan },
    plugins: (baseUrl) => [[spy], [providerBedrock, { region: 'eu-central-1', baseUrl, controlUrl: baseUrl, ...more }]],
  });
}
const requests = (): readonly RecordedRequest[] => gateway.provider.requests;
const isSigned = (request: RecordedRequest | undefined, secret = KEY.secretAccessKey): void => {
  const { sent, expected } = signatureOf(request, secret);
  expect(sent).toBe(expected);
};
const chat = () => gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
const fail = (status: number, type: string, message: string): Responder =>
  json(status, { message }, { 'x-amzn-errortype': type });

describe('counts of tokens', () => {
  const count = (more: object = {}) =>
    new Anthropic({ apiKey: 'client-key', baseURL: gateway.url, maxRetries: 0 }).messages.countTokens({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello?' }],
      system: 'Be brief. '.repeat(200),
      ...more,
    });

  it('F26 F27 are Bedrock’s own, signed over the bytes that arrive', async () => {
    await start();
    gateway.provider.on(COUNT, json(200, { inputTokens: 728 }));
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }];
    expect(await count({ tools })).toEqual({ input_tokens: 728 });
    expect(requests()[0]?.body).toMatchObject({
      input: { converse: { system: [{ text: 'Be brief. '.repeat(200) }], toolConfig: {}, messages: [{}] } },
    });
    isSigned(requests()[0]);
    expect(await gateway.nextRecord()).toMatchObject({ lane: 'canonical', notes: [] });
  });

  it.each<[string, Responder, boolean]>([
    ['the model cannot', fail(400, 'ValidationException', "The provided model doesn't support counting tokens."), true],
    ['the key may not', fail(403, 'AccessDeniedException', 'not authorized to perform: bedrock:CountTokens'), true],
    ['the request is not to its liking', fail(400, 'ValidationException', 'Malformed input request'), false],
    ['it fails', fail(500, 'InternalServerException', 'oops'), false],
    ['it is throttled', fail(429, 'ThrottlingException', 'Too many requests'), false],
  ])('are estimated, with a note, where %s', async (_why, responder, lasts) => {
    await start();
    gateway.provider.on(COUNT, responder);
    const { input_tokens: tokens } = await count();
    expect(tokens).toBeGreaterThan(300);
    expect(tokens).toBeLessThan(900);
    expect(await gateway.nextRecord()).toMatchObject({
      status: 200,
      lane: 'local',
      notes: [{ action: 'approximated', reason: expect.stringContaining('estimate') }],
    });
    // Where it is no matter of the moment, it is not asked with every count.
    expect(await count({ system: 'Be brief. '.repeat(199) })).toEqual({ input_tokens: expect.any(Number) });
    expect(await gateway.nextRecord()).toMatchObject({ notes: [{ reason: expect.stringContaining('estimate') }] });
    expect(requests()).toHaveLength(lasts ? 1 : 2);
  });

  it('F29 do not hide that the key is refused', async () => {
    await start();
    gateway.provider.on(COUNT, fail(403, 'UnrecognizedClientException', 'The security token is invalid.'));
    await expect(count()).rejects.toMatchObject({ status: 502 });
  });

  it('F30 that take too long are estimated', async () => {
    await start();
    gateway.provider.on(COUNT, hang());
    const asked = performance.now();
    expect((await count()).input_tokens).toBeGreaterThan(300);
    expect(performance.now() - asked).toBeGreaterThan(4_000);
    await requests()[0]?.aborted;
    expect((await count({ system: 'Be brief. '.repeat(199) })).input_tokens).toBeGreaterThan(300);
    expect(requests()).toHaveLength(1);
  }, 20_000);
});

describe('the list of models', () => {
  it('is signed, page by page', async () => {
    await start();
    const models = [{ modelArn: `arn:aws:bedrock:eu-west-1::foundation-model/${MODEL.slice(3)}` }];
    const profile = { inferenceProfileId: MODEL, inferenceProfileName: 'EU', status: 'ACTIVE', models };
    gateway.provider.on(
      '/foundation-models',
      json(200, { modelSummaries: [{ modelId: MODEL.slice(3), inferenceTypesSupported: [] }] }),
    );
    gateway.provider.once('/inference-profiles', json(200, { inferenceProfileSummaries: [], nextToken: 'a b/+=' }));
    gateway.provider.on('/inference-profiles', json(200, { inferenceProfileSummaries: [profile] }));
    expect(await host.fetchModels('bedrock')).toEqual([{ id: MODEL, displayName: 'EU' }]);
    expect(
      requests()
        .map(({ method, query }) => `${method} ${query}`)
        .sort(),
    ).toEqual(['GET ?byOutputModality=TEXT', 'GET ?maxResults=1000', 'GET ?maxResults=1000&nextToken=a%20b%2F%2B%3D']);
    for (const request of requests()) isSigned(request);
  });

  it('F92 that is refused is an error of the credential', async () => {
    await start();
    gateway.provider.on(
      /./,
      fail(403, 'AccessDeniedException', 'not authorized to perform: bedrock:ListFoundationModels'),
    );
    await expect(host.fetchModels('bedrock')).rejects.toMatchObject({ code: 'PROVIDER_AUTH' });
  });
});

describe('credentials of the gateway’s surroundings', () => {
  const role = (id: string, more: JsonObject = {}): Responder =>
    json(200, {
      AccessKeyId: id,
      SecretAccessKey: `secret of ${id}`,
      Token: `session of ${id}`,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      ...more,
    });
  const inContainer = (): void => {
    process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${gateway.provider.url}/role`;
  };

  it('sign calls, and are looked up once for all that come at the same time', async () => {
    await start({});
    inContainer();
    gateway.provider.on('/role', role('AKIDTASK'));
    gateway.provider.on(WHOLE, json(200, ANSWER));
    const answers = await Promise.all(Array.from({ length: 5 }, chat));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const [looked, ...calls] = requests();
    expect([looked?.path, calls.length]).toEqual(['/role', 5]);
    for (const call of calls) {
      expect(call.headers['x-amz-security-token']).toBe('session of AKIDTASK');
      isSigned(call, 'secret of AKIDTASK');
    }
  });

  it('are renewed when Bedrock says that they have expired, and the same request succeeds', async () => {
    await start({}, undefined, { retry: { maxRetries: 2, maxDelayMs: 50 } });
    inContainer();
    gateway.provider.once('/role', role('AKIDOLD'));
    gateway.provider.on('/role', role('AKIDNEW'));
    gateway.provider.once(WHOLE, fail(403, 'ExpiredTokenException', 'The security token is expired'));
    gateway.provider.on(WHOLE, json(200, ANSWER));
    expect((await chat()).status).toBe(200);
    expect(requests().map(({ path }) => path)).toEqual(['/role', WHOLE, '/role', WHOLE]);
    isSigned(requests()[3], 'secret of AKIDNEW');
  });

  it('that are nowhere are told with what to do, and the next target answers', async () => {
    await start({});
    const answer = await chat();
    expect(answer.status).toBe(502);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await answer.text()).toContain('AWS_ACCESS_KEY_ID');
    expect(requests()).toEqual([]);
    await gateway.close();
    await start({}, [`bedrock/${MODEL}`, 'anthropic/m']);
    gateway.provider.on('/v1/messages', json(200, { type: 'message', role: 'assistant', content: [], model: 'm' }));
    expect((await chat()).headers.get('x-signalbox-attempts')).toBe('2');
  });
});
