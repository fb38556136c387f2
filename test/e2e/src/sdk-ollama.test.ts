import { describe, expect, it } from '@jest/globals';
import type { RecordedRequest } from '@signalbox/testkit';
import { type ChatResponse, type Message, Ollama } from 'ollama';
import { ALL_SIDES } from './agent-sides.ts';
import { DEPOSIT, LEDGER, Ledger, ledgerScript } from './ledger.ts';
import { sideCase } from './side-case.ts';
import { toolExchanges } from './tool-exchanges.ts';

const { name, description, schema } = DEPOSIT;
const { type, properties, required } = schema;
const TOOL = {
  type: 'function',
  function: { name, description, parameters: { type, properties, required: [...required] } },
};

describe.each(ALL_SIDES)('the Ollama client with a provider behind $name', (side) => {
  it.each([false, true])('F04 F06 F85 goes through a tool loop that changes a value (streamed: %s)', (streamed) =>
    sideCase(side, ledgerScript(), async ({ provider, gateway }) => {
      const client = new Ollama({ host: gateway.url });
      const ledger = new Ledger();
      const messages: Message[] = [{ role: 'user', content: 'Pay!' }];
      const usage = { promptTokens: 0, completionTokens: 0 };
      for (;;) {
        const request = { model: 'z-ai/glm-5:free', messages, tools: [TOOL] };
        const reply = streamed
          ? await gathered(await client.chat({ ...request, stream: true }))
          : await client.chat(request);
        usage.promptTokens += reply.prompt_eval_count;
        usage.completionTokens += reply.eval_count;
        messages.push(reply.message);
        if (reply.message.tool_calls === undefined) break;
        for (const { function: call } of reply.message.tool_calls) {
          const content = ledger.deposit(call.arguments as Parameters<Ledger['deposit']>[0]);
          messages.push({ role: 'tool', tool_name: call.name, content });
        }
      }
      expect(messages.at(-1)?.content).toBe(LEDGER.answer);
      expect(Object.fromEntries(ledger.accounts)).toEqual(LEDGER.accounts);
      expect(usage).toEqual(LEDGER.usage);
      expect(toolExchanges(provider.requests.at(-1) as RecordedRequest)).toEqual(LEDGER.exchanges);
    }),
  );
});

/** The last line of a stream, with the whole message. */
async function gathered(stream: AsyncIterable<ChatResponse>): Promise<ChatResponse> {
  let last: ChatResponse | undefined;
  const message: Message = { role: 'assistant', content: '', thinking: '' };
  for await (const line of stream) {
    message.content += line.message.content;
    message.thinking += line.message.thinking ?? '';
    if (line.message.tool_calls !== undefined) {
      message.tool_calls = [...(message.tool_calls ?? []), ...line.message.tool_calls];
    }
    last = line;
  }
  if (last === undefined) throw new Error('the stream was empty');
  return { ...last, message };
}
