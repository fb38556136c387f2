import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { describe, expect, it } from '@jest/globals';
import { conversation, type RecordedRequest } from '@signalbox/testkit';
import responseStore from '@signalbox/transform-response-store';
import { generateText, isStepCount, type LanguageModel, streamText, tool } from 'ai';
import { createOllama } from 'ai-sdk-ollama';
import { z } from 'zod';
import { type AgentSide, ALL_SIDES, ANTHROPIC, CHAT } from './agent-sides.ts';
import { DEPOSIT, LEDGER, Ledger, ledgerScript } from './ledger.ts';
import { rejection } from './sdk-case.ts';
import { sideCase } from './side-case.ts';
import { toolExchanges } from './tool-exchanges.ts';

const MODEL = 'z-ai/glm-5:free';
const apiKey = 'sdk-key';

const KEPT = { told: true, kept: true };
const TOLD = { told: true, kept: false };
const UNHEARD = { told: false, kept: false };

interface Client {
  readonly name: string;
  readonly model: (url: string) => LanguageModel;
  /** What it does with reasoning: it tells it, and gives it back with what proves it. */
  readonly reasoning: { readonly told: boolean; readonly kept: boolean };
  readonly providerOptions?: Parameters<typeof generateText>[0]['providerOptions'];
  /** It refers to what it said before. */
  readonly refers?: true;
}

const RESPONSES_CLIENT = (url: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).responses(MODEL);

const CLIENTS: readonly Client[] = [
  { name: 'anthropic', reasoning: KEPT, model: (url) => createAnthropic({ baseURL: `${url}/v1`, apiKey })(MODEL) },
  {
    name: 'openai, Chat',
    reasoning: UNHEARD,
    model: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).chat(MODEL),
  },
  { name: 'openai, Responses', reasoning: KEPT, model: RESPONSES_CLIENT, refers: true },
  {
    name: 'openai, Responses without a store',
    reasoning: KEPT,
    model: RESPONSES_CLIENT,
    providerOptions: { openai: { store: false } },
  },
  {
    name: 'google',
    reasoning: KEPT,
    model: (url) => createGoogle({ baseURL: `${url}/v1beta`, apiKey })(MODEL),
    providerOptions: { google: { thinkingConfig: { includeThoughts: true } } },
  },
  {
    name: 'openai-compatible',
    reasoning: TOLD,
    model: (url) =>
      createOpenAICompatible({ name: 'gateway', baseURL: `${url}/v1`, apiKey, includeUsage: true })(MODEL),
  },
  { name: 'ollama', reasoning: TOLD, model: (url) => createOllama({ baseURL: url, apiKey })(MODEL) },
];

/** The same behind a gateway that keeps responses. */
function storing(side: AgentSide): AgentSide {
  const gateway: AgentSide['gateway'] = (provider) => {
    const { plugins, ...rest } = side.gateway(provider);
    return { ...rest, plugins: [...plugins, [responseStore]] };
  };
  return { ...side, gateway };
}

/** What every case asks for. */
function ledgerRequest(
  { model, providerOptions = {} }: Pick<Client, 'model' | 'providerOptions'>,
  url: string,
  ledger: Ledger,
) {
  return {
    model: model(url),
    prompt: 'Pay!',
    maxOutputTokens: 1_000,
    maxRetries: 0,
    stopWhen: isStepCount(5),
    tools: {
      [DEPOSIT.name]: tool({
        description: DEPOSIT.description,
        inputSchema: z.object({ account: z.string(), amount: z.int() }),
        execute: async (input) => ledger.deposit(input),
      }),
    },
    providerOptions,
  };
}

describe.each(CLIENTS)('the AI SDK with its provider $name', (client) => {
  describe.each(ALL_SIDES)('and a provider behind $name', (side) => {
    it.each(['generateText', 'streamText'])('F04 F66 F87 goes through a tool loop that changes a value (%s)', (call) =>
      sideCase(client.refers === true ? storing(side) : side, ledgerScript(), async ({ provider, gateway }) => {
        const ledger = new Ledger();
        const request = ledgerRequest(client, gateway.url, ledger);
        const result = call === 'streamText' ? streamText(request) : await generateText(request);
        expect(await result.text).toBe(LEDGER.answer);
        expect(Object.fromEntries(ledger.accounts)).toEqual(LEDGER.accounts);
        expect((await result.steps).map(({ finishReason, toolCalls }) => [finishReason, toolCalls.length])).toEqual([
          ['tool-calls', 2],
          ['tool-calls', 1],
          ['stop', 0],
        ]);
        expect((await result.steps)[0]?.reasoningText).toBe(client.reasoning.told ? 'Two at once.' : undefined);
        const { promptTokens, completionTokens } = LEDGER.usage;
        expect(await result.totalUsage).toMatchObject({ inputTokens: promptTokens, outputTokens: completionTokens });
        expect(toolExchanges(provider.requests.at(-1) as RecordedRequest)).toEqual(LEDGER.exchanges);
        if (side === ANTHROPIC) {
          const last = provider.requests.at(-1)?.rawBody.toString() ?? '';
          expect(last.includes('"signature":"c2lnbmVk"')).toBe(client.reasoning.kept);
        }
        // A client may have heard all before the gateway has seen the end.
        await gateway.waitForRecord(2);
        expect(gateway.records.map(({ status }) => status)).toEqual([200, 200, 200]);
        const referred = gateway.received.map(({ rawBody }) => rawBody.includes('"item_reference"'));
        const native = side.format === 'openai-responses';
        // A gateway that knows what is referred to has put it in its place.
        expect(referred).toEqual([false, client.refers === true && native, client.refers === true && native]);
      }),
    );
  });
});

describe('the AI SDK', () => {
  it.each([CHAT, ANTHROPIC])(
    'F78 is refused where it refers to what nobody keeps, instead of being answered without it (provider behind $name)',
    (side) =>
      sideCase(side, ledgerScript(), async ({ gateway, provider }) => {
        const request = ledgerRequest({ model: RESPONSES_CLIENT }, gateway.url, new Ledger());
        expect(await rejection(generateText(request))).toMatchObject({
          statusCode: 400,
          message: expect.stringMatching(/^Item with id 'rs_sbx.*item_reference.*`store: false`/),
        });
        expect(provider.requests).toHaveLength(1);
      }),
  );

  it.each([CHAT, ANTHROPIC])('F78 goes on from a response by its id (provider behind $name)', (side) =>
    sideCase(storing(side), conversation([{ text: 'One.' }, { text: 'Two.' }]), async ({ gateway, provider }) => {
      const model = RESPONSES_CLIENT(gateway.url);
      const first = await generateText({ model, prompt: 'Begin.', maxRetries: 0 });
      const previousResponseId = String(first.providerMetadata?.openai?.responseId);
      const openai = { previousResponseId };
      const second = streamText({ model, prompt: 'And?', maxRetries: 0, providerOptions: { openai } });
      expect(await second.text).toBe('Two.');
      const sent = provider.requests.at(-1)?.rawBody.toString() ?? '';
      for (const said of ['Begin.', 'One.', 'And?']) expect(sent).toContain(said);
    }),
  );
});
