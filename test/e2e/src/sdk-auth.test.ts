import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reply, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import OpenAI from 'openai';
import { anthropicSdkCases, ask } from './anthropic-sdks.ts';
import { rejection } from './sdk-case.ts';
import { type GatewayProcess, startSignalbox } from './signalbox-process.ts';

const KEY = 'gateway-key-0123456789';
const WRONG = 'another-key-0123456789';

let provider: ScriptedProvider;
let gateway: GatewayProcess;

beforeAll(async () => {
  provider = await startScriptedProvider({ script: reply({ text: 'Come in.' }) });
  gateway = await startSignalbox(`{
    "plugins": [
      "@signalbox/format-anthropic-messages",
      "@signalbox/format-openai-chat",
      ["@signalbox/auth-api-key", { "keys": ["${KEY}"] }],
      ["@signalbox/provider-compatible", { "name": "mine", "baseUrl": "${provider.url}/v1", "apiKey": "upstream" }],
      ["@signalbox/route-scenarios", { "default": "mine/some-model" }]
    ]
  }`);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const generations = anthropicSdkCases.filter(({ side }) => side.format === 'openai-chat');

describe.each(generations)('a gateway with keys and @anthropic-ai/sdk $generation', ({ Sdk, keyHeader }) => {
  const clientOf = (apiKey: string) => new Sdk({ baseURL: gateway.url, apiKey, maxRetries: 0 });

  it(`lets a good key in, which comes as ${keyHeader}, and keeps it to itself`, async () => {
    const sent: string[] = [];
    const client = new Sdk({
      baseURL: gateway.url,
      apiKey: KEY,
      maxRetries: 0,
      fetch: (url, init) => {
        sent.push(...new Headers(init?.headers as Record<string, string>).keys());
        return fetch(url as string, init as RequestInit);
      },
    });
    const message = await client.messages.create(ask('Hello'));
    expect(message.content).toMatchObject([{ type: 'text', text: 'Come in.' }]);
    expect(sent.filter((name) => name === 'authorization' || name === 'x-api-key')).toEqual([keyHeader]);
    expect(JSON.stringify(provider.requests.at(-1)?.headers)).not.toContain(KEY);
    expect(provider.requests.at(-1)?.headers.authorization).toBe('Bearer upstream');
  });

  it('refuses another key with its own 401, without asking the provider', async () => {
    const before = provider.requests.length;
    const error = (await rejection(clientOf(WRONG).messages.create(ask('Hello')))) as InstanceType<typeof Sdk.APIError>;
    expect(error).toBeInstanceOf(Sdk.AuthenticationError);
    expect(error.error).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    expect(error.headers?.get('x-should-retry')).toBe('false');
    expect(JSON.stringify([error.message, error.error])).not.toContain(WRONG);
    expect(provider.requests).toHaveLength(before);
  });
});

describe('a gateway with keys and the OpenAI SDK', () => {
  const clientOf = (apiKey: string) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
  const hello = { model: 'any', messages: [{ role: 'user' as const, content: 'Hello' }] };

  it('lets a good key in and keeps it to itself', async () => {
    const completion = await clientOf(KEY).chat.completions.create(hello);
    expect(completion.choices[0]?.message.content).toBe('Come in.');
    expect(JSON.stringify(provider.requests.at(-1)?.headers)).not.toContain(KEY);
  });

  it('refuses another key with its own 401, without asking the provider', async () => {
    const before = provider.requests.length;
    const error = await rejection(clientOf(WRONG).chat.completions.create(hello));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(String(error)).not.toContain(WRONG);
    expect(provider.requests).toHaveLength(before);
  });
});
