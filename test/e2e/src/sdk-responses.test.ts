import { describe, expect, it } from '@jest/globals';
import type { RecordedRequest } from '@signalbox/testkit';
import OpenAI from 'openai';
import { zodResponsesFunction } from 'openai/helpers/zod';
import { z } from 'zod';
import { ALL_SIDES } from './agent-sides.ts';
import { DEPOSIT, LEDGER, Ledger, ledgerScript } from './ledger.ts';
import { sideCase } from './side-case.ts';
import { toolExchanges } from './tool-exchanges.ts';

const TOOL = zodResponsesFunction({
  name: DEPOSIT.name,
  description: DEPOSIT.description,
  parameters: z.object({ account: z.string(), amount: z.int() }),
});

describe.each(ALL_SIDES)('the OpenAI SDK through Responses, with a provider behind $name', (side) => {
  it.each(['stream', 'parse'] as const)('F04 F66 F87 goes through a tool loop that changes a value (%s)', (helper) =>
    sideCase(side, ledgerScript(), async ({ provider, gateway }) => {
      const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sdk-key', maxRetries: 0 });
      const ledger = new Ledger();
      const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Pay!' }];
      const deltas: string[] = [];
      const ask = async () => {
        const body = { model: 'z-ai/glm-5:free', input, tools: [TOOL], store: false };
        if (helper === 'parse') return client.responses.parse(body);
        const stream = client.responses.stream(body);
        stream.on('response.function_call_arguments.delta', ({ delta }) => deltas.push(delta));
        return stream.finalResponse();
      };
      const usage = { promptTokens: 0, completionTokens: 0 };
      for (;;) {
        const response = await ask();
        usage.promptTokens += response.usage?.input_tokens ?? 0;
        usage.completionTokens += response.usage?.output_tokens ?? 0;
        const calls = response.output.filter((item) => item.type === 'function_call');
        if (calls.length === 0) {
          expect(response.output_text).toBe(LEDGER.answer);
          break;
        }
        input.push(...(response.output as OpenAI.Responses.ResponseInputItem[]));
        for (const { call_id, parsed_arguments: deposit } of calls) {
          input.push({ type: 'function_call_output', call_id, output: ledger.deposit(deposit as Deposit) });
        }
      }
      expect(Object.fromEntries(ledger.accounts)).toEqual(LEDGER.accounts);
      expect(usage).toEqual(LEDGER.usage);
      expect(toolExchanges(provider.requests.at(-1) as RecordedRequest)).toEqual(LEDGER.exchanges);
      if (helper === 'stream') {
        expect(deltas.join('')).toBe(LEDGER.exchanges.map(({ input: deposit }) => JSON.stringify(deposit)).join(''));
      }
    }),
  );
});

type Deposit = Parameters<Ledger['deposit']>[0];
