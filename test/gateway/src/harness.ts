import { type Config, configOf, createGeneration, type Generation, type ServerConfig } from '@signalbox/core';
import anthropicMessages from '@signalbox/format-anthropic-messages';
import openaiChat from '@signalbox/format-openai-chat';
import { definePlugin, type ExchangeRecord, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import providerAnthropic from '@signalbox/provider-anthropic';
import providerCompatible from '@signalbox/provider-compatible';
import { type Gateway, startServer } from '@signalbox/server';
import { type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';

export interface TestGateway {
  readonly url: string;
  readonly provider: ScriptedProvider;
  /** One record per finished exchange. */
  readonly records: ExchangeRecord[];
  /** The next record that is not there yet. */
  nextRecord(): Promise<ExchangeRecord>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Takes over another configuration in front of the same provider, as an edited config file does. */
  reload(options?: TestGatewayOptions): Promise<void>;
  readonly gateway: Gateway;
  /** Stops the gateway alone, as a signal does. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

type Entries = readonly (readonly [Plugin, JsonObject?])[];

export interface TestGatewayOptions {
  /** Where every request goes. Default: the Anthropic provider, under the model asked for. */
  readonly targets?: readonly string[];
  /** What else the plan says. Default: no retries, so that a fault is seen as it comes. */
  readonly plan?: Partial<RoutePlan>;
  readonly plugins?: Entries | ((providerUrl: string) => Entries);
  readonly server?: Partial<ServerConfig>;
  /** The limits of both providers, or of each. */
  readonly timeouts?: JsonObject | ((provider: 'anthropic' | 'chat') => JsonObject);
  /** The keys that the provider is called with. */
  readonly keys?: { readonly anthropic: string; readonly chat: string };
}

/**
 * A gateway on a real socket in front of one scripted provider, which is reachable as `anthropic` (Messages) and as
 * `chat` (OpenAI Chat).
 */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const provider = await startScriptedProvider();
  const records: ExchangeRecord[] = [];
  const waiting: ((record: ExchangeRecord) => void)[] = [];
  const kept = new Map<string, unknown>();
  let handedOut = 0;
  const build = (given: TestGatewayOptions) =>
    createGeneration(
      testConfig(given, provider.url, (record) => {
        records.push(record);
        waiting.shift()?.(record);
      }),
      { kept },
    );
  let generation: Generation | undefined;
  let gateway: Gateway;
  try {
    generation = await build(options);
    gateway = await startServer(generation, { version: '0.0.0-test' });
  } catch (error) {
    await generation?.close();
    await provider.close();
    throw error;
  }
  return {
    url: gateway.url,
    provider,
    records,
    gateway,
    reload: async (given) => gateway.replace(await build(given ?? options)),
    nextRecord: () => {
      const record = records[handedOut];
      handedOut++;
      return record === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(record);
    },
    post: (path, body, headers = {}) =>
      fetch(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    drain: (graceMs) => gateway.close(graceMs),
    close: async () => {
      await gateway.close(0);
      await provider.close();
    },
  };
}

function testConfig(
  {
    targets = ['anthropic/{model}'],
    plan: policy = { retry: { maxRetries: 0 } },
    plugins = [],
    server = {},
    timeouts: given = {},
    keys = { anthropic: 'sk-gateway-anthropic', chat: 'sk-gateway-chat' },
  }: TestGatewayOptions,
  providerUrl: string,
  onRecord: (record: ExchangeRecord) => void,
): Config {
  const timeouts = typeof given === 'function' ? given : () => given;
  const bench = definePlugin({
    name: 'test-bench',
    apply({ hooks }) {
      hooks.route.tap('test-bench', (plan, exchange): RoutePlan => {
        if (plan !== undefined) return plan;
        const parsed = targets.map((target) => {
          const [name = '', ...model] = target.replace('{model}', exchange.model).split('/');
          return { provider: name, model: model.join('/') };
        });
        return { targets: parsed, reason: 'test', ...policy };
      });
      hooks.log.tap('test-bench', onRecord);
    },
  });
  return configOf(
    [
      [anthropicMessages],
      [openaiChat],
      ...(typeof plugins === 'function' ? plugins(providerUrl) : plugins),
      [providerAnthropic, { apiKey: keys.anthropic, baseUrl: providerUrl, timeouts: timeouts('anthropic') }],
      [
        providerCompatible,
        {
          name: 'chat',
          apiKey: keys.chat,
          baseUrl: `${providerUrl}/v1`,
          format: 'openai-chat',
          timeouts: timeouts('chat'),
        },
      ],
      [bench],
    ],
    { server: { port: 0, ...server } },
  );
}

export const anthropicHeaders = { 'anthropic-version': '2023-06-01', 'x-api-key': 'client-key' };

export function messagesBody(extra: object = {}): object {
  return { model: 'claude-test', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }], ...extra };
}

export function chatBody(extra: object = {}): object {
  return { model: 'gpt-test', messages: [{ role: 'user', content: 'hi' }], ...extra };
}
