import { describe, expect, it } from '@jest/globals';
import { countsTokens, type JsonObject, type SignalboxError } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import bedrock from '../src/index.ts';
import { countedBySdk, sentBySdk } from './sdk.ts';

const COUNT = { operation: 'count-tokens' } as const;
const ARN = 'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc';
const PNG = 'iVBORw0KGgo=';
const create = (more: JsonObject = {}) => createProvider(bedrock, { region: 'eu-central-1', apiKey: 'k', ...more });

it('F26 F27 what is sent is what AWS’s own client would send for the same chat, system and tools included', async () => {
  const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
  const request = {
    ...agentRequest(model),
    reasoning: { budgetTokens: 2_048 },
    messages: [
      ...agentRequest(model).messages,
      { role: 'user', content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } }] },
    ],
  } as ReturnType<typeof agentRequest>;
  const provider = await create();
  const { inferenceConfig: _, ...chat } = (await sentBySdk(model, send(provider, request).body)).body;
  const { url, body } = send(provider, request, COUNT);
  const sdk = await countedBySdk(model, (body.input as { converse: JsonObject }).converse);
  expect(JSON.parse(JSON.stringify(body))).toEqual(sdk.body);
  expect(sdk.body).toEqual({ input: { converse: chat } });
  expect(Object.keys(chat)).toEqual(expect.arrayContaining(['messages', 'system', 'toolConfig']));
  expect(new URL(url).pathname).toBe(sdk.path);
  expect(sdk.tokens).toBe(728);
  expect(provider.format.decodeTokenCount?.({ inputTokens: 728 })).toBe(728);
  expect(provider.format.decodeTokenCount?.({})).toBeUndefined();
});

describe('the model that counts', () => {
  it.each([
    ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['global.anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1'],
    ['apac.amazon.nova-pro-v1:0', 'amazon.nova-pro-v1:0'],
    ['anthropic.claude-opus-4-6-v1', 'anthropic.claude-opus-4-6-v1'],
    ['zai.glm-4.7', 'zai.glm-4.7'],
    ['arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-x', 'anthropic.claude-x'],
    ['arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-x', 'anthropic.claude-x'],
  ])('of %s is %s: profiles cannot', async (model, counted) => {
    const provider = await create();
    expect(countsTokens(provider, callOf(userRequest(model), COUNT))).toBe(true);
    expect(send(provider, userRequest(model), COUNT).url).toBe(
      `https://bedrock-runtime.eu-central-1.amazonaws.com/model/${encodeURIComponent(counted)}/count-tokens`,
    );
  });

  it('of an application’s profile is known where the options say what it is', async () => {
    expect(countsTokens(await create(), callOf(userRequest(ARN), COUNT))).toBe(false);
    const provider = await create({ baseModels: { [ARN]: 'eu.anthropic.claude-sonnet-4-6' } });
    expect(countsTokens(provider, callOf(userRequest(ARN), COUNT))).toBe(true);
    expect(send(provider, userRequest(ARN), COUNT).url).toMatch(/\/model\/anthropic\.claude-sonnet-4-6\/count-tokens$/);
    // A chat goes through the profile.
    expect(send(provider, userRequest(ARN)).url).toContain(encodeURIComponent(ARN));
  });
});

describe('a failure', () => {
  const decode = async (status: number, type: string, message: string): Promise<SignalboxError> =>
    (await create()).format.decodeError(status, { 'x-amzn-errortype': type }, JSON.stringify({ message }));

  it('of a model that cannot count, or of a key that may not, says that there are no counts', async () => {
    const arn = 'arn:aws:iam::123456789012:user/me';
    for (const error of [
      await decode(400, 'ValidationException', "The provided model doesn't support counting tokens."),
      await decode(403, 'AccessDeniedException', `User: ${arn} is not authorized to perform: bedrock:CountTokens`),
    ]) {
      expect(error).toMatchObject({ code: 'PROVIDER_FAILED', status: 501 });
      expect(error.message).not.toContain('arn:');
    }
  });

  it('F29 of the credential itself stays what it is', async () => {
    const said = 'The security token included in the request is invalid.';
    expect((await decode(403, 'UnrecognizedClientException', said)).code).toBe('PROVIDER_AUTH');
    const denied = 'User: me is not authorized to perform: bedrock:InvokeModel';
    expect((await decode(403, 'AccessDeniedException', denied)).code).toBe('PROVIDER_AUTH');
  });
});
