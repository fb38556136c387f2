import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import formatResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerGemini from '@signalbox/provider-gemini';
import providerOpenai from '@signalbox/provider-openai';
import { openaiChatTurn, reply, type Turn } from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import { type Message, Ollama } from 'ollama';
import OpenAI from 'openai';
import {
  anthropicHeaders,
  messagesBody,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

/** The plugin as the preset lists it: without options. */
const options = (target: string): TestGatewayOptions => ({
  targets: [target],
  plugins: (url) => [
    [formatGemini],
    [formatOllama],
    [formatResponses],
    [keepReasoning],
    [providerOpenai, { apiKey: 'sk-openai', baseUrl: `${url}/openai/v1` }],
    [providerGemini, { apiKey: 'AIza', baseUrl: `${url}/gemini` }],
    [providerDeepseek, { apiKey: 'sk-deepseek', baseUrl: `${url}/deepseek`, thinkingUnsaid: 'enabled' }],
  ],
});
const start = async (target: string) => {
  gateway = await startTestGateway(options(target));
};

type ChatMessage = OpenAI.ChatCompletionMessageParam;
const LOOK = { type: 'function' as const, function: { name: 'look', parameters: { type: 'object', properties: {} } } };
const USER: ChatMessage = { role: 'user', content: 'Look.' };

/** A Chat client that keeps of an answer what every Chat client keeps: text and tool calls. */
async function ask(messages: ChatMessage[], stream: boolean): Promise<OpenAI.ChatCompletionAssistantMessageParam> {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'me', maxRetries: 0, logLevel: 'off' });
  const body = { model: 'asked', messages, tools: [LOOK] };
  const { choices } = stream
    ? await client.chat.completions.stream(body).finalChatCompletion()
    : await client.chat.completions.create(body);
  const { content, tool_calls: calls } = choices[0]?.message ?? {};
  return {
    role: 'assistant',
    content: content ?? null,
    ...(calls === undefined || calls.length === 0 ? {} : { tool_calls: calls }),
  };
}
const found = ({ tool_calls: calls = [] }: OpenAI.ChatCompletionAssistantMessageParam): ChatMessage[] =>
  calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'a heron' }));

const proof = (name: string): string => Buffer.from(`state of ${name}`).toString('base64');
const thinks = (name: string): Turn => ({
  reasoning: `As ${name} I should look.`,
  signature: proof(name),
  text: `Let ${name} look.`,
  toolCalls: [{ id: `call_${name}`, name: 'look', arguments: {} }],
});
const says = (name: string): Turn => ({
  reasoning: `As ${name} I know.`,
  signature: proof(`${name} again`),
  text: 'A heron.',
});
const chat = { reasoningField: 'reasoning_content' } as const;
const sent = (at = -1): JsonObject => gateway.provider.requests.at(at)?.body ?? {};
const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

interface Provider {
  readonly target: string;
  readonly path: string | RegExp;
  /** The state of the answers in the history that the provider got last, one for each that has any. */
  state(): unknown[];
}

const PROVIDERS: Readonly<Record<'claude' | 'gemini' | 'gpt' | 'deepseek', Provider>> = {
  claude: {
    target: 'anthropic/claude-test',
    path: '/v1/messages',
    state: () =>
      list(sent().messages)
        .flatMap(({ content }) => list(content))
        .filter(({ type }) => type === 'thinking')
        .map(({ signature }) => signature),
  },
  gemini: {
    target: 'gemini/gemini-test',
    path: /generateContent|streamGenerateContent/i,
    state: () =>
      list(sent().contents)
        .flatMap(({ parts }) => list(parts))
        .flatMap(({ thoughtSignature: signature }) => (signature === undefined ? [] : [signature]))
        // What Google documents for calls of others.
        .filter((signature) => signature !== 'skip_thought_signature_validator'),
  },
  gpt: {
    target: 'openai/gpt-5.4',
    path: '/openai/v1/responses',
    state: () =>
      list(sent().input)
        .filter(({ type }) => type === 'reasoning')
        .map(({ encrypted_content: encrypted }) => encrypted),
  },
  deepseek: {
    target: 'deepseek/deepseek-v4-pro',
    path: '/deepseek/chat/completions',
    state: () =>
      list(sent().messages)
        .filter(({ role }) => role === 'assistant')
        .flatMap(({ reasoning_content: said }) => (said === undefined || said === '' ? [] : [said])),
  },
};
const stateOf = (name: keyof typeof PROVIDERS): string =>
  name === 'deepseek' ? `As ${name} I should look.` : proof(name);

describe.each([false, true])('a Chat client that drops reasoning (streaming: %s)', (stream) => {
  it.each(['claude', 'gemini', 'gpt', 'deepseek'] as const)('F69 F70 F75 gives %s its state back', async (name) => {
    const { target, path, state } = PROVIDERS[name];
    await start(target);
    gateway.provider.once(path, reply(thinks(name), chat));
    gateway.provider.once(path, reply(says(name), chat));
    gateway.provider.once(path, reply({ text: 'Bye.' }));
    const first = await ask([USER], stream);
    // What providers remember for themselves is gone.
    await gateway.reload();
    const history = [USER, first, ...found(first)];
    const second = await ask(history, stream);
    expect(state()).toEqual([stateOf(name)]);
    await gateway.reload();
    await ask([...history, second, { role: 'user', content: 'Thanks.' }], stream);
    // DeepSeek wants reasoning back within a turn with tools, and its format encodes that of all turns.
    const again = name === 'deepseek' ? `As ${name} I know.` : proof(`${name} again`);
    expect(state()).toEqual([stateOf(name), again]);
  });

  it('F73 that changes between providers finds at each its own state, and at none a foreign one', async () => {
    const visits = ['claude', 'gemini', 'deepseek', 'gpt', 'claude', 'deepseek', 'gemini', 'gpt'] as const;
    await start(PROVIDERS.claude.target);
    const history: ChatMessage[] = [USER];
    const seen: string[] = [];
    for (const [at, name] of visits.entries()) {
      const { target, path, state } = PROVIDERS[name];
      await gateway.reload(options(target));
      const turn = thinks(name);
      const calls = [{ id: `call_${at}`, name: 'look', arguments: {} }];
      gateway.provider.once(path, reply({ ...turn, toolCalls: calls }, chat));
      const answer = await ask(history, stream);
      expect([name, state()]).toEqual([name, seen.filter((other) => other === name).map(() => stateOf(name))]);
      for (const other of seen) {
        if (other === name) continue;
        expect(JSON.stringify(sent())).not.toContain(proof(other));
        expect(JSON.stringify(sent())).not.toContain(`As ${other} I should`);
      }
      history.push(answer, ...found(answer));
      seen.push(name);
    }
  });
});

it('tells apart two conversations that got the same answer', async () => {
  const { target, path, state } = PROVIDERS.claude;
  await start(target);
  const questions: ChatMessage[] = ['Is it?', 'Was it?'].map((content) => ({ role: 'user', content }));
  const answers = [];
  for (const [at, question] of questions.entries()) {
    gateway.provider.once(path, reply({ reasoning: 'Hm.', signature: proof(String(at)), text: 'Yes.' }));
    answers.push(await ask([question], false));
  }
  gateway.provider.on(path, reply({ text: 'Bye.' }));
  for (const [at, question] of questions.entries()) {
    await ask([question, ...answers.slice(at, at + 1), USER], false);
    expect(state()).toEqual([proof(String(at))]);
  }
});

describe('an Ollama client', () => {
  it.each(['with', 'without'])('that gives calls back %s their ids has its state kept', async (ids) => {
    const { target, path, state } = PROVIDERS.claude;
    await start(target);
    const client = new Ollama({ host: gateway.url });
    const tools = [{ ...LOOK, function: { ...LOOK.function, description: 'Looks.' } }] as never;
    const calls = ['b', 'a'].map((at) => ({ id: `toolu_${at}`, name: 'look', arguments: { at, by: 'me' } }));
    gateway.provider.once(path, reply({ ...thinks('claude'), toolCalls: calls }));
    gateway.provider.once(path, reply({ text: 'Two herons.' }));
    const user: Message = { role: 'user', content: 'Look.' };
    const { message } = await client.chat({ model: 'm', messages: [user], tools });
    const spoken = (message.tool_calls ?? []).map(({ function: fn, ...rest }) => ({
      ...(ids === 'with' ? rest : {}),
      // As a language writes them whose maps are sorted.
      function: { name: fn.name, arguments: { by: fn.arguments.by, at: fn.arguments.at } },
    }));
    expect(spoken).toHaveLength(2);
    const results = spoken.map((): Message => ({ role: 'tool', content: 'a heron', tool_name: 'look' }));
    const { thinking: _, ...heard } = message;
    await client.chat({ model: 'm', messages: [user, { ...heard, tool_calls: spoken }, ...results], tools });
    expect(state()).toEqual([proof('claude')]);
  });
});

describe('nothing is done', () => {
  const kept = async (): Promise<number> => {
    const health = (await (await fetch(`${gateway.url}/health`)).json()) as { plugins?: unknown };
    const [, answers] = /"keptReasoning":\{"answers":(\d+)/.exec(JSON.stringify(health)) ?? [];
    return Number(answers);
  };

  it('for clients that carry state themselves', async () => {
    await start('chat/gpt-test');
    gateway.provider.on('/v1/chat/completions', reply(thinks('chat'), chat));
    const clients: (readonly [string, object, Record<string, string>?])[] = [
      ['/v1/messages', messagesBody(), anthropicHeaders],
      ['/v1/messages', messagesBody({ stream: true }), anthropicHeaders],
      ['/v1/responses', { model: 'm', input: 'Look.' }],
      ['/v1beta/models/g:generateContent', { contents: [{ role: 'user', parts: [{ text: 'Look.' }] }] }],
    ];
    for (const [path, body, headers] of clients) {
      const answer = await gateway.post(path, body, headers);
      expect(answer.status).toBe(200);
      await answer.text();
    }
    expect(await kept()).toBe(0);
  });

  it('for answers without reasoning', async () => {
    await start(PROVIDERS.claude.target);
    const { signature: _signature, reasoning: _reasoning, ...plain } = thinks('claude');
    gateway.provider.on('/v1/messages', reply(plain));
    for (const stream of [false, true]) await ask([USER], stream);
    expect(await kept()).toBe(0);
  });

  it('in the pass-through lane, also where the provider’s state is kept for others', async () => {
    await start('chat/gpt-test');
    gateway.provider.on('/v1/chat/completions', reply(thinks('chat'), chat));
    const ollama = new Ollama({ host: gateway.url });
    await ollama.chat({ model: 'm', messages: [{ role: 'user', content: 'Look.' }] });
    expect(await kept()).toBe(1);
    // No decoder would take this.
    const body = '{"model": "gpt-test", "stream": true, "messages": [{"role": "assistant", "content": 5}, 7]}';
    const answer = await gateway.post('/v1/chat/completions', body, { authorization: 'Bearer me' });
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    const turn = { ...chat, model: 'gpt-test', id: 'chatcmpl-scripted-1', includeUsage: false };
    const { sse } = openaiChatTurn(thinks('chat'), turn);
    expect(await answer.text()).toBe(sse);
    expect(gateway.provider.requests[1]?.rawBody.toString()).toBe(body);
    expect(await kept()).toBe(1);
  });
});
