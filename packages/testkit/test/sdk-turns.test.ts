import { runInThisContext } from 'node:vm';
import Anthropic from '@anthropic-ai/sdk';
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChatResponse, Ollama } from 'ollama';
import OpenAI from 'openai';
import type { Response } from 'openai/resources/responses/responses';
import {
  anthropicTurn,
  conversation,
  errorFrame,
  geminiTurn,
  ollamaTurn,
  openaiChatTurn,
  providerError,
  reply,
  responsesTurn,
  type ScriptedProvider,
  sse,
  startScriptedProvider,
  type Turn,
} from '../src/index.ts';

// The official SDKs on the scripted provider, with nothing in between: what they read is what a turn says.

const TURN: Turn = {
  reasoning: ['Two cities, ', 'so two lookups.'],
  signature: 'c2ln',
  text: ['Checking ', 'both: Zürich 😀.'],
  toolCalls: [
    { id: 'call_A', name: 'weather', arguments: { city: 'Zürich', days: [1, 2] } },
    { id: 'call_B', name: 'weather', arguments: '{"city":"Lima"}' },
  ],
  usage: { promptTokens: 100, cacheReadTokens: 60, cacheWriteTokens: 10, completionTokens: 40, reasoningTokens: 7 },
};

/** What an SDK says about an answer; `undefined` where its format cannot say it. */
interface Said {
  reasoning: string;
  signature?: string | undefined;
  text: string;
  calls: { id?: string | undefined; name: string; input: unknown }[];
  stop: string;
  model: string;
  /** As its own counts say. */
  usage: unknown;
}

const CALLS = [
  { id: 'call_A', name: 'weather', input: { city: 'Zürich', days: [1, 2] } },
  { id: 'call_B', name: 'weather', input: { city: 'Lima' } },
];
const SAID = {
  reasoning: 'Two cities, so two lookups.',
  text: 'Checking both: Zürich 😀.',
  calls: CALLS,
  model: 'm/x',
};

interface Sdk {
  readonly expected: Said;
  whole(url: string): Promise<Said>;
  stream(url: string): Promise<Said>;
}

const anthropic = (url: string) => new Anthropic({ baseURL: url, apiKey: 'k', maxRetries: 0 });
const openai = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0 });
const google = (url: string) => new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } });
const ollama = (url: string) => new Ollama({ host: url });
const messages = [{ role: 'user' as const, content: 'Hi.' }];

const sdks: Record<string, Sdk> = {
  '@anthropic-ai/sdk': {
    expected: {
      ...SAID,
      signature: 'c2ln',
      stop: 'tool_use',
      usage: expect.objectContaining({
        input_tokens: 30,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 10,
        output_tokens: 40,
      }),
    },
    whole: async (url) =>
      fromAnthropic(await anthropic(url).messages.create({ model: 'm/x', max_tokens: 9, messages })),
    stream: async (url) =>
      fromAnthropic(await anthropic(url).messages.stream({ model: 'm/x', max_tokens: 9, messages }).finalMessage()),
  },
  'openai, Chat': {
    expected: {
      ...SAID,
      stop: 'tool_calls',
      usage: expect.objectContaining({ prompt_tokens: 100, completion_tokens: 40, total_tokens: 140 }),
    },
    whole: async (url) => fromChat(await openai(url).chat.completions.create({ model: 'm/x', messages })),
    stream: async (url) => {
      const stream = openai(url).chat.completions.stream({
        model: 'm/x',
        messages,
        stream_options: { include_usage: true },
      });
      let reasoning = '';
      stream.on('chunk', ({ choices }) => {
        reasoning += (choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? '';
      });
      return { ...fromChat(await stream.finalChatCompletion()), reasoning };
    },
  },
  'openai, Responses': {
    expected: {
      ...SAID,
      signature: 'c2ln',
      stop: 'completed',
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
        output_tokens: 40,
        output_tokens_details: { reasoning_tokens: 7 },
        total_tokens: 140,
      },
    },
    whole: async (url) => fromResponse(await openai(url).responses.create({ model: 'm/x', input: 'Hi.' })),
    stream: async (url) => {
      const stream = openai(url).responses.stream({ model: 'm/x', input: 'Hi.' });
      // What the deltas add up to must be what the events of the end say.
      const deltas = new Map<string, string>();
      let number = 0;
      for await (const event of stream) {
        expect(event.sequence_number).toBe(number++);
        if ('delta' in event && 'item_id' in event) {
          deltas.set(event.item_id, (deltas.get(event.item_id) ?? '') + String(event.delta));
        }
      }
      const response = await stream.finalResponse();
      expect([...deltas.values()]).toEqual([SAID.reasoning, SAID.text, ...argumentsOf(response)]);
      return fromResponse(response);
    },
  },
  '@google/genai': {
    expected: {
      ...SAID,
      signature: 'c2ln',
      stop: 'STOP',
      usage: expect.objectContaining({
        promptTokenCount: 100,
        cachedContentTokenCount: 60,
        candidatesTokenCount: 33,
        thoughtsTokenCount: 7,
        totalTokenCount: 140,
      }),
    },
    whole: async (url) => fromGemini([await google(url).models.generateContent({ model: 'm/x', contents: 'Hi.' })]),
    stream: async (url) => {
      const chunks: GenerateContentResponse[] = [];
      for await (const chunk of await google(url).models.generateContentStream({ model: 'm/x', contents: 'Hi.' })) {
        chunks.push(chunk);
      }
      return fromGemini(chunks);
    },
  },
  ollama: {
    expected: { ...SAID, stop: 'stop', usage: [100, 40] },
    whole: async (url) => fromOllama([await ollama(url).chat({ model: 'm/x', messages })]),
    stream: async (url) => {
      const chunks: ChatResponse[] = [];
      for await (const chunk of await ollama(url).chat({ model: 'm/x', messages, stream: true })) chunks.push(chunk);
      return fromOllama(chunks);
    },
  },
};

let provider: ScriptedProvider;
beforeAll(async () => {
  // Google's SDK looks for fetch's dispatcher on the global object, which in jest is not Node's own.
  const dispatcher = "Symbol.for('undici.globalDispatcher.1')";
  runInThisContext(`(target) => { new Headers(); target[${dispatcher}] = globalThis[${dispatcher}]; }`)(globalThis);
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());

describe.each(Object.entries(sdks))('%s', (_name, { expected, whole, stream }) => {
  it('reads a whole answer', async () => {
    provider.on(/./, conversation([TURN]));
    expect(await whole(provider.url)).toEqual(expected);
    expect(provider.unscripted).toEqual([]);
  });

  it('reads a stream, however its bytes arrive', async () => {
    provider.on(/./, conversation([TURN]));
    expect(await stream(provider.url)).toEqual(expected);
    provider.on(/./, reply(TURN, { chunkSize: 7 }));
    expect(await stream(provider.url)).toEqual(expected);
  });

  it('throws what providerError says', async () => {
    provider.on(/./, providerError(429, { message: 'slow down' }));
    for (const ask of [whole, stream]) await expect(ask(provider.url)).rejects.toThrow('slow down');
  });

  it('throws what errorFrame says in a stream', async () => {
    provider.on(/./, (request, wire) => {
      const type = request.path === '/api/chat' ? 'application/x-ndjson' : 'text/event-stream';
      const frames = [errorFrame(request, { message: 'no capacity left' })];
      return sse(frames, { headers: { 'content-type': type } })(request, wire);
    });
    await expect(stream(provider.url)).rejects.toThrow('no capacity left');
  });
});

it('the last frame is what makes an answer complete', async () => {
  provider.on(/./, sse(ollamaTurn(TURN).frames.slice(0, -1)));
  await expect(sdks.ollama?.stream(provider.url)).rejects.toThrow('Did not receive done');
  provider.on(/./, sse(anthropicTurn(TURN).frames.slice(0, -1)));
  await expect(sdks['@anthropic-ai/sdk']?.stream(provider.url)).rejects.toThrow();
  provider.on(/./, sse(responsesTurn(TURN).frames.slice(0, -1)));
  expect(await sdks['openai, Responses']?.stream(provider.url)).toMatchObject({ stop: 'in_progress', usage: null });
});

it('the frames of each builder add up to its text', () => {
  for (const build of [anthropicTurn, openaiChatTurn, responsesTurn, geminiTurn]) {
    const { frames, sse: text } = build(TURN);
    expect(frames.join('')).toBe(text);
  }
  const { frames, ndjson } = ollamaTurn(TURN);
  expect(ndjson.trimEnd().split('\n')).toEqual(frames.map((frame) => frame.trimEnd()));
});

it('Gemini gets a list where it did not ask for events', async () => {
  provider.on(/./, reply({ text: 'Hello.', usage: { promptTokens: 5, completionTokens: 2 } }));
  const answer = await fetch(`${provider.url}/v1beta/models/m%2Fx:streamGenerateContent`, {
    method: 'POST',
    body: '{}',
  });
  expect(answer.headers.get('content-type')).toBe('application/json');
  const list = (await answer.json()) as GenerateContentResponse[];
  expect(list.length).toBeGreaterThan(1);
  expect(list.map(({ modelVersion }) => modelVersion)).toEqual(list.map(() => 'm/x'));
  expect(list.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
});

function fromAnthropic(message: Anthropic.Message): Said {
  const said: Said = {
    reasoning: '',
    text: '',
    calls: [],
    stop: message.stop_reason ?? '',
    model: message.model,
    usage: message.usage,
  };
  for (const block of message.content) {
    if (block.type === 'thinking') [said.reasoning, said.signature] = [block.thinking, block.signature];
    if (block.type === 'text') said.text = block.text;
    if (block.type === 'tool_use') said.calls.push({ id: block.id, name: block.name, input: block.input });
  }
  return said;
}

function fromChat({ choices: [choice], model, usage }: OpenAI.ChatCompletion): Said {
  const { message, finish_reason } = choice ?? {};
  return {
    reasoning: (message as { reasoning_content?: string } | undefined)?.reasoning_content ?? '',
    text: message?.content ?? '',
    calls: (message?.tool_calls ?? []).map((call) => {
      if (call.type !== 'function') throw new Error(`a call of type ${call.type}`);
      return { id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) };
    }),
    stop: finish_reason ?? '',
    model,
    usage,
  };
}

function argumentsOf({ output }: Pick<Response, 'output'>): string[] {
  return output.flatMap((item) => (item.type === 'function_call' ? [item.arguments] : []));
}

function fromResponse({ output, output_text, status, model, usage }: Response): Said {
  const said: Said = { reasoning: '', text: output_text, calls: [], stop: status ?? '', model, usage };
  for (const item of output) {
    if (item.type === 'reasoning') {
      said.reasoning += item.summary.map(({ text }) => text).join('');
      said.signature = item.encrypted_content ?? undefined;
    }
    if (item.type === 'function_call') {
      said.calls.push({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) });
    }
  }
  return said;
}

function fromGemini(chunks: readonly GenerateContentResponse[]): Said {
  const said: Said = { reasoning: '', text: '', calls: [], stop: '', model: '', usage: undefined };
  for (const { candidates, usageMetadata, modelVersion = '' } of chunks) {
    const { content, finishReason = '' } = candidates?.[0] ?? {};
    said.stop = finishReason;
    said.model = modelVersion;
    said.usage = { ...usageMetadata };
    for (const { text = '', thought, functionCall, thoughtSignature } of content?.parts ?? []) {
      if (thought === true) said.reasoning += text;
      else said.text += text;
      said.signature ??= thoughtSignature;
      if (functionCall !== undefined) {
        said.calls.push({ id: functionCall.id, name: functionCall.name ?? '', input: functionCall.args });
      }
    }
  }
  return said;
}

function fromOllama(chunks: readonly ChatResponse[]): Said {
  const said: Said = { reasoning: '', text: '', calls: [], stop: '', model: '', usage: undefined };
  for (const { message, done_reason, model, prompt_eval_count, eval_count } of chunks) {
    said.reasoning += message.thinking ?? '';
    said.text += message.content;
    for (const call of message.tool_calls ?? []) {
      // The SDK's type has no id, the wire has.
      const { id } = call as { id?: string };
      said.calls.push({ id, name: call.function.name, input: call.function.arguments });
    }
    said.stop = done_reason;
    said.model = model;
    said.usage = [prompt_eval_count, eval_count];
  }
  return said;
}
