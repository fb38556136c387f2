import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import formatResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerGemini from '@signalbox/provider-gemini';
import providerOllama from '@signalbox/provider-ollama';
import providerOpenrouter from '@signalbox/provider-openrouter';
import { reply, type Turn } from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import { CARELESS_CLIENTS } from './careless-clients.ts';
import { anthropicHeaders, startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const options = (target: string): TestGatewayOptions => ({
  targets: [target],
  plugins: (url) => [
    [formatGemini],
    [formatOllama],
    [formatResponses],
    [keepReasoning],
    [providerGemini, { apiKey: 'AIza', baseUrl: `${url}/gemini` }],
    [providerDeepseek, { apiKey: 'sk-deepseek', baseUrl: `${url}/deepseek` }],
    [providerOpenrouter, { apiKey: 'sk-or', baseUrl: `${url}/openrouter` }],
    [providerOllama, { baseUrl: `${url}/ollama` }],
    [providerCompatible, { name: 'skin', apiKey: 'k', baseUrl: `${url}/skin`, format: 'anthropic-messages' }],
  ],
});
const start = async (target: string): Promise<void> => {
  gateway = await startTestGateway(options(target));
};

const PROVIDERS = {
  claude: { target: 'anthropic/claude-opus-4-8', path: '/v1/messages' },
  deepseek: { target: 'deepseek/deepseek-v4-pro', path: '/deepseek/chat/completions' },
  gemini: { target: 'gemini/gemini-3-pro', path: /generateContent/i },
  openrouter: { target: 'openrouter/some/model', path: '/openrouter/chat/completions' },
  ollama: { target: 'ollama/qwen3', path: '/ollama/api/chat' },
  chat: { target: 'chat/m', path: '/v1/chat/completions' },
  skin: { target: 'skin/m', path: '/skin/v1/messages' },
} as const;
type Name = keyof typeof PROVIDERS;

const thoughtOf = (name: Name): string => `As ${name} I should look, and then say what it is that I have seen.`;
const thinks = (name: Name, at: number): Turn => ({
  reasoning: thoughtOf(name),
  signature: Buffer.from(`${name} ${at}`).toString('base64'),
  text: 'Let me look.',
  toolCalls: [{ id: `call_${name}_0000000${at}`, name: 'look', arguments: { at } }],
});
const sent = (): JsonObject => gateway.provider.requests.at(-1)?.body ?? {};
const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);
/** One assistant message of the history that the provider got last. */
const assistant = (): JsonObject | undefined => list(sent().messages).find(({ role }) => role === 'assistant');

describe.each(CARELESS_CLIENTS)('a $format client that keeps reasoning without its state', (client) => {
  it.each([false, true])('F70 F73 shows no provider the reasoning of another (streaming: %s)', async (stream) => {
    await start(PROVIDERS.claude.target);
    const visits = [
      'claude',
      'deepseek',
      'gemini',
      'claude',
      'openrouter',
      'deepseek',
      'skin',
      'chat',
      'ollama',
    ] as const;
    const history = [client.asks];
    for (const [at, name] of visits.entries()) {
      const { target, path } = PROVIDERS[name];
      await gateway.reload(options(target));
      gateway.provider.once(path, reply(thinks(name, at), { reasoningField: 'reasoning_content' }));
      const answer = await gateway.post(client.path(stream), client.body(history, stream));
      const text = await answer.text();
      expect([name, answer.status, text.length > 0]).toEqual([name, 200, true]);
      const body = JSON.stringify(sent());
      const others = visits.slice(0, at).filter((other) => other !== name && body.includes(thoughtOf(other)));
      expect([name, others]).toEqual([name, []]);
      history.push(...client.goesOn(text, stream));
      // Every client has it in its history, and DeepSeek gets back what is its own.
      if (name !== 'chat' && name !== 'ollama') expect(JSON.stringify(history)).toContain(thoughtOf(name));
      if (name === 'deepseek' && at > 1) expect(body).toContain(thoughtOf('deepseek'));
    }
  });
});

/** A turn at Claude, as a client has it that keeps the text of its reasoning. */
async function afterClaude(client = CARELESS_CLIENTS[0] as (typeof CARELESS_CLIENTS)[0]): Promise<JsonObject[]> {
  await start(PROVIDERS.claude.target);
  gateway.provider.once('/v1/messages', reply(thinks('claude', 0)));
  const answer = await gateway.post(client.path(false), client.body([client.asks], false));
  return [client.asks, ...client.goesOn(await answer.text(), false)];
}
const [chat, ollama] = CARELESS_CLIENTS as [(typeof CARELESS_CLIENTS)[0], (typeof CARELESS_CLIENTS)[0]];

describe('reasoning of another provider', () => {
  it.each([
    ['deepseek', ''],
    ['openrouter', undefined],
    ['chat', undefined],
  ] as const)('F70 F73 is left out with a note at %s, which strict mode refuses', async (name, expected) => {
    const history = await afterClaude(ollama);
    const { target, path } = PROVIDERS[name];
    await gateway.reload(options(target));
    gateway.provider.on(path, reply({ text: 'A heron.' }));
    const answer = await gateway.post(ollama.path(false), ollama.body(history, false));
    expect(answer.headers.get('x-signalbox-fidelity')).toContain('dropped');
    expect(assistant()?.reasoning_content ?? assistant()?.reasoning).toBe(expected);
    const { length } = gateway.provider.requests;
    const refused = await gateway.post(ollama.path(false), ollama.body(history, false), { 'x-signalbox-strict': '1' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('reasoning of another provider');
    expect(gateway.provider.requests).toHaveLength(length);
  });

  it.each([
    ['chat', chat, 'chat'],
    ['chat', chat, 'openrouter'],
    ['ollama', ollama, 'ollama'],
  ] as const)('F73 takes a %s client’s request out of the pass-through lane', async (_, client, name) => {
    const history = await afterClaude(client);
    const { target, path } = PROVIDERS[name];
    await gateway.reload(options(target));
    gateway.provider.on(path, reply({ text: 'A heron.' }));
    const answer = await gateway.post(client.path(false), client.body(history, false));
    expect([answer.status, answer.headers.get('x-signalbox-lane')]).toEqual([200, 'canonical']);
    expect(JSON.stringify(sent())).not.toContain(thoughtOf('claude'));
    expect(JSON.stringify(sent())).toContain('Let me look.');
    // Without it nothing is in the way.
    const plain = history.map(({ reasoning_content: __, thinking: ___, ...message }) => message);
    const body = JSON.stringify(client.body(plain, false));
    const passed = await gateway.post(client.path(false), body);
    expect(passed.headers.get('x-signalbox-lane')).toBe('pass-through');
  });

  it('F70 F73 leaves an empty thought on DeepSeek’s Anthropic surface, and none on another server’s', async () => {
    const history = await afterClaude();
    for (const [extra, expected] of [
      ['anthropic', [{ type: 'thinking', thinking: '', signature: '' }]],
      ['skin', []],
    ] as const) {
      const deepseek = (url: string) => [
        [providerDeepseek, { name: 'surface', apiKey: 'k', baseUrl: `${url}/surface`, skin: 'anthropic' }] as const,
      ];
      const { plugins } = options('');
      await gateway.reload({
        targets: [extra === 'skin' ? PROVIDERS.skin.target : 'surface/deepseek-v4-pro'],
        plugins: (url) => [...(plugins as (url: string) => never[])(url), ...deepseek(url)],
      });
      gateway.provider.on(/messages$/, reply({ text: 'A heron.' }));
      expect((await gateway.post(chat.path(false), chat.body(history, false))).status).toBe(200);
      expect(list(assistant()?.content).filter(({ type }) => type === 'thinking')).toEqual(expected);
    }
  });
});

describe('reasoning of which nothing is known', () => {
  const history = [
    { role: 'user', content: 'Look.' },
    {
      role: 'assistant',
      content: '',
      reasoning_content: 'From before the gateway was started anew.',
      tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'call_0', content: 'a heron' },
  ];

  it('F70 goes to DeepSeek, which wants it back, and loses nothing', async () => {
    await start(PROVIDERS.deepseek.target);
    gateway.provider.on(PROVIDERS.deepseek.path, reply({ text: 'A heron.' }));
    const { reasoning_effort: _, ...body } = chat.body(history, false);
    const thinking = { ...body, thinking: { type: 'enabled' } };
    const answer = await gateway.post(chat.path(false), thinking, { 'x-signalbox-strict': '1' });
    expect([answer.status, answer.headers.get('x-signalbox-fidelity')]).toEqual([200, 'lossless']);
    expect(assistant()?.reasoning_content).toBe('From before the gateway was started anew.');
  });

  it('passes through byte for byte, also while the reasoning of others is known', async () => {
    await afterClaude();
    await gateway.reload(options(PROVIDERS.chat.target));
    gateway.provider.on(PROVIDERS.chat.path, reply({ text: 'A heron.' }));
    const body = JSON.stringify({ ...chat.body(history, false), model: 'm' }, undefined, 1);
    const answer = await gateway.post(chat.path(false), body);
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(gateway.provider.requests.at(-1)?.rawBody.toString()).toBe(body);
  });
});

it('F69 two conversations that are alike get no state but their own', async () => {
  await start(PROVIDERS.claude.target);
  const histories: JsonObject[][] = [];
  for (const at of [1, 2]) {
    const turn = { ...thinks('claude', at), reasoning: `Thought number ${at}.` };
    gateway.provider.once('/v1/messages', reply({ ...turn, toolCalls: [{ id: '', name: 'look', arguments: {} }] }));
    const answer = await gateway.post(ollama.path(false), ollama.body([ollama.asks], false));
    histories.push([ollama.asks, ...ollama.goesOn(await answer.text(), false)]);
  }
  gateway.provider.on('/v1/messages', reply({ text: 'A heron.' }));
  const thinkingSent = (): unknown[] => list(assistant()?.content).filter(({ type }) => type === 'thinking');
  for (const [at, history] of histories.entries()) {
    const known = await gateway.post(ollama.path(false), ollama.body(history, false));
    expect(known.status).toBe(200);
    const signature = Buffer.from(`claude ${at + 1}`).toString('base64');
    expect(thinkingSent()).toEqual([{ type: 'thinking', thinking: `Thought number ${at + 1}.`, signature }]);
    const bare = history.map(({ thinking: _, ...message }) => message);
    const unclear = await gateway.post(ollama.path(false), ollama.body(bare, false), { 'x-signalbox-receipt': 'full' });
    expect(thinkingSent()).toEqual([]);
    expect(unclear.headers.get('x-signalbox-receipt')).toContain('several answers look like this one');
  }
});

it('an Anthropic client that takes signatures off shows nobody the reasoning of another provider', async () => {
  await start(PROVIDERS.deepseek.target);
  gateway.provider.once(PROVIDERS.deepseek.path, reply(thinks('deepseek', 0), { reasoningField: 'reasoning_content' }));
  const ask = (messages: JsonObject[]) =>
    gateway.post(
      '/v1/messages',
      { model: 'm', max_tokens: 9_000, thinking: { type: 'adaptive' }, messages },
      anthropicHeaders,
    );
  const asked = { role: 'user', content: 'Look.' };
  const { content } = (await (await ask([asked])).json()) as { content: JsonObject[] };
  const bare = content.filter(({ type }) => type !== 'tool_use').map(({ signature: _, ...block }) => block);
  expect(JSON.stringify(bare)).toContain(thoughtOf('deepseek'));
  await gateway.reload(options(PROVIDERS.openrouter.target));
  gateway.provider.on(PROVIDERS.openrouter.path, reply({ text: 'A heron.' }));
  const answer = await ask([
    asked,
    {
      role: 'assistant',
      content: bare.map((block) => (block.type === 'thinking' ? { ...block, signature: '' } : block)),
    },
    { role: 'user', content: 'And?' },
  ]);
  expect(answer.status).toBe(200);
  expect(JSON.stringify(sent())).not.toContain(thoughtOf('deepseek'));
});
