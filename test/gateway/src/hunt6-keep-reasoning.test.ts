import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { reply, type Turn } from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

/** Some providers count their calls anew in every answer: `functions.look:0`. */
const ID = 'call_0';
const turn = (name: string): Turn => ({
  reasoning: `About ${name}.`,
  signature: Buffer.from(name).toString('base64'),
  toolCalls: [{ id: ID, name: 'look', arguments: { at: name } }],
});
const LOOK = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } };

/** One conversation up to its first call, as a Chat client has it then. */
async function begin(name: string): Promise<JsonObject[]> {
  gateway.provider.once('/v1/messages', reply(turn(name)));
  const messages: JsonObject[] = [{ role: 'user', content: `Look at ${name}.` }];
  const answered = await gateway.post('/v1/chat/completions', { model: 'm', messages, tools: [LOOK] });
  const { choices } = (await answered.json()) as { choices: { message: JsonObject & { tool_calls: JsonObject[] } }[] };
  const [{ message }] = choices as [(typeof choices)[0]];
  const { tool_calls: calls } = message;
  return [
    ...messages,
    { role: 'assistant', content: null, tool_calls: calls },
    { role: 'tool', tool_call_id: String(calls[0]?.id), content: 'done' },
  ];
}

/** The reasoning that the provider gets back with the next turn. */
async function goOn(messages: JsonObject[]): Promise<unknown[]> {
  gateway.provider.once('/v1/messages', reply({ text: 'Fine.' }));
  await gateway.post('/v1/chat/completions', { model: 'm', messages, tools: [LOOK] });
  const { messages: sent } = (gateway.provider.requests.at(-1)?.body ?? {}) as { messages?: JsonObject[] };
  const blocks = (sent ?? []).flatMap(({ content }) => (Array.isArray(content) ? (content as JsonObject[]) : []));
  return blocks.filter(({ type }) => type === 'thinking').map(({ thinking }) => thinking);
}

describe('conversations whose provider gives calls the same ids', () => {
  it('get each its own reasoning back', async () => {
    gateway = await startTestGateway({ plugins: [[keepReasoning]] });
    const herons = await begin('herons');
    const owls = await begin('owls');
    const cranes = await begin('cranes');
    expect(await goOn(herons)).toEqual(['About herons.']);
    expect(await goOn(owls)).toEqual(['About owls.']);
    expect(await goOn(cranes)).toEqual(['About cranes.']);
    expect(await goOn(herons)).toEqual(['About herons.']);
  });
});
