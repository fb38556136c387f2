import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { createProvider } from '@signalbox/testkit';
import bedrock from './index.ts';
import { listModels } from './list-models.ts';

const ARN = 'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc';
const model = (modelId: string, more: JsonObject = {}): JsonObject => ({
  modelId,
  modelName: `Name of ${modelId}`,
  providerName: 'Anthropic',
  inputModalities: ['TEXT', 'IMAGE'],
  outputModalities: ['TEXT'],
  inferenceTypesSupported: ['ON_DEMAND'],
  ...more,
});
const profile = (inferenceProfileId: string, of: string, more: JsonObject = {}): JsonObject => ({
  inferenceProfileId,
  inferenceProfileName: `Profile ${inferenceProfileId}`,
  inferenceProfileArn: `arn:aws:bedrock:eu-central-1:123456789012:inference-profile/${inferenceProfileId}`,
  models: [{ modelArn: `arn:aws:bedrock:eu-west-1::foundation-model/${of}` }],
  status: 'ACTIVE',
  type: 'SYSTEM_DEFINED',
  ...more,
});

/** The control plane, with these pages of profiles. */
function control(models: JsonObject[], ...pages: readonly JsonObject[][]) {
  const asked: string[] = [];
  let page = 0;
  const get = async (path: string): Promise<JsonObject> => {
    asked.push(path);
    if (path.startsWith('/foundation-models')) return { modelSummaries: models };
    const summaries = pages[page++] ?? [];
    return { inferenceProfileSummaries: summaries, ...(page < pages.length ? { nextToken: `to ${page}` } : {}) };
  };
  return { get, asked };
}

describe('the list of models', () => {
  it('has the models on demand and the profiles of all, each by the id that is called', async () => {
    const { get, asked } = control(
      [
        model('anthropic.claude-a'),
        model('amazon.nova', { providerName: 'Amazon', inputModalities: ['TEXT'] }),
        model('anthropic.claude-b', { inferenceTypesSupported: ['INFERENCE_PROFILE'] }),
        model('anthropic.claude-a:28k', { inferenceTypesSupported: ['PROVISIONED'] }),
      ],
      [profile('eu.anthropic.claude-b', 'anthropic.claude-b'), profile('eu.cohere.embed', 'cohere.embed')],
      [
        profile('abc', 'anthropic.claude-a', { type: 'APPLICATION', inferenceProfileArn: ARN }),
        profile('old', 'anthropic.claude-a', { status: 'DELETED' }),
      ],
    );
    const anthropic = { ownedBy: 'Anthropic', capabilities: { images: true } };
    expect(await listModels(get)).toEqual([
      { id: 'anthropic.claude-a', displayName: 'Name of anthropic.claude-a', ...anthropic },
      {
        id: 'amazon.nova',
        displayName: 'Name of amazon.nova',
        ownedBy: 'Amazon',
        capabilities: { images: false },
      },
      { id: 'eu.anthropic.claude-b', displayName: 'Profile eu.anthropic.claude-b', ...anthropic },
      { id: ARN, displayName: 'Profile abc', ...anthropic },
    ]);
    expect(asked).toEqual([
      '/foundation-models?byOutputModality=TEXT',
      '/inference-profiles?maxResults=1000',
      '/inference-profiles?maxResults=1000&nextToken=to%201',
    ]);
  });

  it('that never ends is not asked for for ever, and one that is none is an error', async () => {
    const asked: string[] = [];
    const endless = async (path: string): Promise<JsonObject> => {
      asked.push(path);
      return { modelSummaries: [], nextToken: 'more' };
    };
    expect(await listModels(endless)).toEqual([]);
    expect(asked).toHaveLength(21);
    await expect(listModels(async () => ({}))).rejects.toMatchObject({ code: 'MALFORMED_REPLY' });
  });

  it.each<[JsonObject, string | undefined]>([
    [{}, 'https://bedrock.eu-central-1.amazonaws.com'],
    [
      { baseUrl: 'https://bedrock-runtime-fips.us-east-1.amazonaws.com/' },
      'https://bedrock-fips.us-east-1.amazonaws.com',
    ],
    [{ baseUrl: 'https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com' }, undefined],
    [{ baseUrl: 'https://bedrock-runtime.eu.example' }, undefined],
    [{ baseUrl: 'https://a.example', controlUrl: 'https://b.example/' }, 'https://b.example'],
    [{ forwardCallerKey: true }, undefined],
  ])('with %j is asked for at %s', async (options, url) => {
    const key = options.forwardCallerKey === true ? {} : { apiKey: 'k' };
    const provider = await createProvider(bedrock, { region: 'eu-central-1', ...key, ...options });
    const asked: { url: string; headers: Record<string, string> }[] = [];
    await provider.fetchModels?.(async ({ url: at, headers }) => {
      asked.push({ url: at, headers });
      return { modelSummaries: [] };
    });
    const headers = { authorization: 'Bearer k' };
    expect(asked).toEqual(
      url === undefined
        ? []
        : [
            { url: `${url}/foundation-models?byOutputModality=TEXT`, headers },
            { url: `${url}/inference-profiles?maxResults=1000`, headers },
          ],
    );
  });
});
