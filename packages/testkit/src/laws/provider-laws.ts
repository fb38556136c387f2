import assert from 'node:assert/strict';
import {
  type ChatRequest,
  type Format,
  type HttpProvider,
  isLocalProvider,
  type JsonObject,
  type Plugin,
  type ProviderCall,
  pluginDefinition,
  SignalboxError,
} from '@signalbox/kit';
import { applyPlugin } from '../fake-host.ts';
import { formatErrorBody } from '../own-format.ts';
import { callOf, encodeBody } from '../provider-call.ts';
import { type Fixture, readFixtures } from './fixtures.ts';
import { deepFreeze, type Law } from './law.ts';
import { PLAIN } from './plain-request.ts';
import { exchangeLaws } from './provider-exchange-laws.ts';
import { relayLaws } from './relay-laws.ts';
import { replyLaws } from './reply-laws.ts';
import { schemaLaws } from './schema-laws.ts';

export interface ProviderLawOptions {
  /** Complete options, defaults filled in; `apiKey` where the provider has one. */
  config: JsonObject;
  /** Default: all but images. */
  supports?: { reasoning?: boolean; images?: boolean; tools?: boolean };
  /** Replies that the provider gave, for its own format. */
  fixtures?: string | URL | readonly Fixture[];
  model?: string;
  /** How the path of a chat ends, where no `ingress` of the format says so. */
  chatPath?: string;
}

const CALLER_KEY = 'callers-own-key';
const PNG = 'iVBORw0KGgoAAAANSUhEUg==';

/** What a provider plugin owes: keys stay where they belong, inputs stay as they are, replies come through. */
export function providerLaws(plugin: Plugin, options: ProviderLawOptions): Law[] {
  const { config, supports = {}, fixtures = [], model = 'some-model' } = options;
  const key = typeof config.apiKey === 'string' ? config.apiKey : undefined;
  const create = (more: JsonObject = {}) => createProvider(plugin, { ...config, ...more });
  const call = (more: Partial<ProviderCall> = {}) => callOf(PLAIN, { model, ...more });
  const cases = Array.isArray(fixtures) ? (fixtures as readonly Fixture[]) : readFixtures(fixtures as string | URL);
  const withImage: ChatRequest = {
    ...PLAIN,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } },
        ],
      },
    ],
  };

  const takes = (feature: 'images' | 'tools') => supports[feature] ?? feature === 'tools';
  const laws: Law[] = [
    ...schemaLaws(plugin),
    {
      name: 'calls the URL of its options, with the key in a header and never in the URL',
      check: async () => {
        const provider = await create();
        for (const stream of [false, true]) {
          const { url, headers } = provider.endpoint(call({ stream }));
          assert.match(url, /^https?:\/\//);
          if (typeof config.baseUrl === 'string') assert.ok(url.startsWith(config.baseUrl.replace(/\/+$/, '')), url);
          if (key === undefined) continue;
          assert.ok(!url.includes(key), 'the key is in the URL');
          assert.ok(
            Object.values(headers).some((value) => value.includes(key)),
            'no header has the key',
          );
        }
      },
    },
    {
      name: 'F101 forwards no credential of the client unless it is told to',
      check: async () => {
        const headers = { authorization: `Bearer ${CALLER_KEY}`, 'x-api-key': CALLER_KEY, cookie: CALLER_KEY };
        const principal = { id: 'me', credential: CALLER_KEY };
        const endpoint = (await create()).endpoint(call({ headers, principal }));
        assert.ok(!JSON.stringify(endpoint).includes(CALLER_KEY));
      },
    },
    {
      name: 'changes no body that it adapts',
      check: async () => {
        const provider = await create();
        for (const stream of [false, true]) {
          const request = { ...PLAIN, stream };
          const body = deepFreeze(encodeBody(provider, request, model).body);
          const adapted = provider.adaptBody?.(body, call({ stream, request })) ?? body;
          assert.equal(typeof adapted, 'object');
          assert.equal(adapted.model, body.model);
        }
      },
    },
    {
      name: 'F101 shows its key in no error, even where the provider repeats it, and blames no client for it',
      check: async () => {
        const provider = await create();
        const message = `Incorrect API key provided: ${key ?? 'k'}`;
        for (const status of [400, 401, 402, 403, 404, 429, 500]) {
          // In OpenAI's shape, which many send whatever they speak, and in the format's own.
          for (const body of [{ error: { message } }, ...inOwnShape(provider.format, status, message)]) {
            const text = JSON.stringify(body);
            const decoded = provider.format.decodeError(status, {}, text);
            const error = provider.refineError?.(decoded, { status, headers: {}, body: text }) ?? decoded;
            assert.ok(SignalboxError.is(error) && error.status >= 400);
            if (status !== 401 && status !== 403) continue;
            const shown = JSON.stringify([error.info(), error.wire ?? null]);
            assert.ok(key === undefined || !shown.includes(key), `status ${status}`);
            assert.notEqual(error.status, 401, 'the client’s own key is not at fault');
          }
        }
      },
    },
    ...(['images', 'tools'] as const).map((feature) => ({
      name: `${takes(feature) ? 'takes' : 'says that it cannot take'} ${feature}`,
      check: async () => {
        const provider = await create();
        const tool = {
          type: 'function',
          name: 'look_up_weather',
          inputSchema: { type: 'object', properties: {} },
        } as const;
        const request: ChatRequest = feature === 'images' ? withImage : { ...PLAIN, tools: [tool] };
        const wanted = feature === 'images' ? PNG : tool.name;
        const { sent, notes, refused } = adaptedText(provider, request, model);
        if (takes(feature)) assert.ok(sent.includes(wanted));
        else assert.ok(refused || (!sent.includes(wanted) && notes > 0), 'dropped without a note');
      },
    })),
    ...exchangeLaws(create, options),
    {
      name: 'decodes what it recorded',
      check: async () => {
        const { format, reasoningOrigin = format.id } = await create();
        const formatOptions = { reasoningOrigin };
        for (const fixture of cases) {
          for (const law of [
            ...replyLaws(format, fixture, formatOptions),
            ...relayLaws(format, fixture, formatOptions),
          ]) {
            await law.check();
          }
        }
      },
    },
  ];
  const properties = (pluginDefinition(plugin)?.configSchema as { properties?: object } | undefined)?.properties ?? {};
  if ('forwardCallerKey' in properties) {
    laws.push({
      name: 'forwards the caller’s key where it is told to, and never its own in its place',
      check: async () => {
        const provider = await create({ forwardCallerKey: true });
        const { url, headers } = provider.endpoint(call({ principal: { id: 'me', credential: CALLER_KEY } }));
        const sent = JSON.stringify(headers);
        assert.ok(sent.includes(CALLER_KEY) && !url.includes(CALLER_KEY));
        assert.ok(key === undefined || !sent.includes(key));
        assert.throws(
          () => provider.endpoint(call({ principal: { id: 'me' } })),
          (error: unknown) =>
            SignalboxError.is(error) &&
            error.code === 'UNAUTHENTICATED' &&
            (key === undefined || !error.message.includes(key)),
        );
      },
    });
  }
  if ('headers' in properties) {
    laws.push({
      name: 'sends the extra headers of its options',
      check: async () => {
        const provider = await create({ headers: { 'x-extra': 'more' } });
        assert.equal(provider.endpoint(call()).headers['x-extra'], 'more');
      },
    });
  }
  return laws;
}

/** The provider that the plugin adds, through its own definition. */
async function createProvider(plugin: Plugin, config: JsonObject): Promise<HttpProvider> {
  const { providers } = await applyPlugin(plugin, deepFreeze(config));
  const [provider, ...others] = providers.values();
  assert.ok(provider !== undefined && others.length === 0, 'the plugin adds one provider');
  if (isLocalProvider(provider)) throw new TypeError('these laws are for providers that are reached over HTTP');
  return provider;
}

function adaptedText(provider: HttpProvider, request: ChatRequest, model: string) {
  try {
    const { body, notes } = encodeBody(provider, request, model);
    const call = callOf(request, { model, notes });
    return { sent: JSON.stringify(provider.adaptBody?.(body, call) ?? body), notes: notes.list.length, refused: false };
  } catch (error) {
    if (!SignalboxError.is(error)) throw error;
    return { sent: '', notes: 0, refused: true };
  }
}

/** None where the format is spoken to providers only. */
function inOwnShape(format: Format, status: number, message: string): JsonObject[] {
  try {
    return [formatErrorBody(format, status, message)];
  } catch (error) {
    if (SignalboxError.is(error) && error.code === 'UNSUPPORTED') return [];
    throw error;
  }
}
