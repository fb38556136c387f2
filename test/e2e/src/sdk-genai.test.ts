import { type CallableTool, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai';
import { describe, expect, it } from '@jest/globals';
import type { RecordedRequest } from '@signalbox/testkit';
import { ALL_SIDES } from './agent-sides.ts';
import { DEPOSIT, LEDGER, Ledger, ledgerScript } from './ledger.ts';
import { sideCase } from './side-case.ts';
import { toolExchanges } from './tool-exchanges.ts';

/** A tool that the SDK calls by itself. */
function callable(ledger: Ledger): CallableTool {
  const { name, description, schema } = DEPOSIT;
  return {
    tool: async () => ({ functionDeclarations: [{ name, description, parametersJsonSchema: schema }] }),
    callTool: async (calls) =>
      calls.map(({ id, args }): Part => {
        const output = ledger.deposit(args as unknown as Parameters<Ledger['deposit']>[0]);
        return { functionResponse: { ...(id === undefined ? {} : { id }), name, response: { output } } };
      }),
  };
}

describe.each(ALL_SIDES)('a chat of the Gemini SDK with a provider behind $name', (side) => {
  it.each([false, true])(
    'F04 F66 F69 calls the functions by itself until there is an answer (streamed: %s)',
    (streamed) =>
      sideCase(side, ledgerScript(), async ({ provider, gateway }) => {
        const ledger = new Ledger();
        const client = new GoogleGenAI({ apiKey: 'sdk-key', httpOptions: { baseUrl: gateway.url } });
        const chat = client.chats.create({ model: 'z-ai/glm-5:free', config: { tools: [callable(ledger)] } });
        const said = streamed ? await streamedText(chat) : textOf(await chat.sendMessage({ message: 'Pay!' }));
        expect(said).toContain(LEDGER.answer);
        expect(Object.fromEntries(ledger.accounts)).toEqual(LEDGER.accounts);
        expect(toolExchanges(provider.requests.at(-1) as RecordedRequest)).toEqual(LEDGER.exchanges);
        await gateway.waitForRecord(2);
        expect(gateway.records.map(({ status }) => status)).toEqual([200, 200, 200]);
      }),
  );
});

async function streamedText(chat: ReturnType<GoogleGenAI['chats']['create']>): Promise<string> {
  let text = '';
  for await (const chunk of await chat.sendMessageStream({ message: 'Pay!' })) text += textOf(chunk);
  return text;
}

/** The SDK's own way to the text warns of everything else in a reply. */
function textOf({ candidates }: GenerateContentResponse): string {
  const parts = candidates?.[0]?.content?.parts ?? [];
  return parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join('');
}
