import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import routeScenarios from '@signalbox/route-scenarios';
import { reply, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

const NAMES = ['large', 'small', 'agents'] as const;
type Name = (typeof NAMES)[number];
const TOOL = { name: 'Read', input_schema: { type: 'object', properties: {} } };
const PICTURE = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
const agent = { 'x-claude-code-agent-id': 'agent-1' };

let gateway: TestGateway | undefined;
let providers: Readonly<Record<Name, ScriptedProvider>>;

beforeAll(async () => {
  const [large, small, agents] = await Promise.all(
    NAMES.map(() => startScriptedProvider({ script: reply({ text: 'Done.' }) })),
  );
  if (large === undefined || small === undefined || agents === undefined) throw new Error('a provider is missing');
  providers = { large, small, agents };
  gateway = await startTestGateway({
    plugins: [
      ...NAMES.map(
        (name) =>
          [
            providerCompatible,
            // One of them speaks Chat, so its requests are translated; the others get the client's own bytes.
            name === 'small'
              ? { name, baseUrl: `${providers[name].url}/v1`, format: 'openai-chat' }
              : { name, baseUrl: providers[name].url, format: 'anthropic-messages', verbatim: true },
          ] as const,
      ),
      [
        routeScenarios,
        {
          default: 'large/main',
          background: 'small/quick',
          backgroundModels: ['*haiku*'],
          subagent: 'agents/{model}',
          webSearch: 'large/searcher',
          longContext: { target: 'large/long', thresholdTokens: 2000 },
          models: { pinned: 'small/pinned', 'claude-*': 'large/*' },
        },
      ],
    ],
  });
});
afterAll(async () => {
  await gateway?.close();
  await Promise.all(Object.values(providers).map((provider) => provider.close()));
});

function running(): TestGateway {
  if (gateway === undefined) throw new Error('the gateway did not start');
  return gateway;
}

/** Sends a request and gives the one place where it came out, as `provider/model`. */
async function landing(body: object, headers: Record<string, string> = {}, path = '/v1/messages'): Promise<string> {
  const before = NAMES.map((name) => providers[name].requests.length);
  const answer = await running().post(path, body, { ...anthropicHeaders, ...headers });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Done.')]);
  const reached = NAMES.flatMap((name, at) =>
    providers[name].requests.slice(before[at]).map(({ rawBody }) => {
      const { model } = JSON.parse(rawBody.toString()) as JsonObject;
      return `${name}/${String(model)}`;
    }),
  );
  return reached.join();
}

const title = messagesBody({
  model: 'main-model',
  tools: [],
  messages: [{ role: 'user', content: [{ type: 'text', text: '<session>\nHello.\n</session>' }] }],
  output_config: {
    format: { type: 'json_schema', schema: { type: 'object', properties: { title: { type: 'string' } } } },
  },
});

describe('three providers behind the scenarios', () => {
  it.each<[string, string, object, Record<string, string>?]>([
    ['the main loop', 'large/main', messagesBody({ model: 'main-model', tools: [TOOL], stream: true })],
    [
      'the main loop under a name that fits a pattern',
      'large/opus',
      messagesBody({ model: 'claude-opus', tools: [TOOL] }),
    ],
    ['background work, by its name', 'small/quick', messagesBody({ model: 'my-haiku' })],
    ['background work, by what it says', 'small/quick', title],
    ['a subagent', 'agents/main-model', messagesBody({ model: 'main-model', tools: [TOOL], stream: true }), agent],
    ['a subagent on a small model', 'agents/my-haiku', messagesBody({ model: 'my-haiku', tools: [TOOL] }), agent],
    [
      'a web search of a subagent',
      'large/searcher',
      messagesBody({ model: 'main-model', tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
      agent,
    ],
    ['a long prompt', 'large/long', messagesBody({ messages: [{ role: 'user', content: 'x'.repeat(8000) }] })],
    [
      'an image, which no scenario is for',
      'large/test',
      messagesBody({ messages: [{ role: 'user', content: [PICTURE] }] }),
    ],
    ['a listed name, whoever asks', 'small/pinned', messagesBody({ model: 'pinned' }), agent],
    ['a provider that is asked for, whoever asks', 'small/any', messagesBody({ model: 'small/any' }), agent],
  ])('%s lands at %s', async (_, expected, body, headers = {}) => {
    expect(await landing(body, headers)).toBe(expected);
  });

  it('serves clients of Chat alike', async () => {
    const path = '/v1/chat/completions';
    expect(await landing(chatBody(), {}, path)).toBe('large/main');
    expect(await landing(chatBody(), agent, path)).toBe('agents/gpt-test');
    expect(await landing(chatBody({ model: 'my-haiku' }), {}, path)).toBe('small/quick');
  });

  it('says in the record which scenario it was, and leaves the pass-through lane as it is', async () => {
    running().records.length = 0;
    await landing(messagesBody({ model: 'main-model', tools: [TOOL] }), agent);
    expect(running().records).toMatchObject([
      { target: 'agents/main-model', lane: 'pass-through', route: expect.stringContaining('it comes from a subagent') },
    ]);
  });
});
