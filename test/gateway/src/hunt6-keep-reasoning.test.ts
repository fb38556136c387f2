import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { anthropicTurn, cutAfter, reply, sse, type Turn } from '@signalbox/testkit';
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
async function begin(name: string, answer = turn(name)): Promise<JsonObject[]> {
  return look([{ role: 'user', content: `Look at ${name}.` }], answer);
}

/** One more turn, whose call is answered at once. */
async function look(messages: readonly JsonObject[], answer: Turn): Promise<JsonObject[]> {
  gateway.provider.once('/v1/messages', reply(answer));
  const answered = await gateway.post('/v1/chat/completions', { model: 'm', messages, tools: [LOOK] });
  const { choices } = (await answered.json()) as { choices: { message: JsonObject & { tool_calls: JsonObject[] } }[] };
  const [{ message }] = choices as [(typeof choices)[0]];
  const { tool_calls: calls } = message;
  return [
    ...messages,
    { role: 'assistant', content: null, tool_calls: calls },
    ...calls.map(({ id }) => ({ role: 'tool', tool_call_id: String(id), content: 'done' })),
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

  it('get none where they had none', async () => {
    gateway = await startTestGateway({ plugins: [[keepReasoning]] });
    const { reasoning: _, signature: __, ...silent } = turn('herons');
    const herons = await begin('herons', silent);
    const owls = await begin('owls');
    expect(await goOn(herons)).toEqual([]);
    expect(await goOn(owls)).toEqual(['About owls.']);
  });
});

describe('one conversation whose provider counts its calls anew in every turn', () => {
  it('gets each thought back where it stood', async () => {
    gateway = await startTestGateway({ plugins: [[keepReasoning]] });
    const { reasoning: _, signature: __, ...silent } = turn('reeds');
    let messages = await begin('herons');
    messages = await look(messages, turn('owls'));
    messages = await look(messages, silent);
    messages = await look(messages, turn('cranes'));
    // The very same again.
    messages = await look(messages, turn('cranes'));
    const ids = messages.flatMap(({ tool_calls: calls }) => (calls as { id: string }[] | undefined) ?? []);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(5);
    expect(await goOn(messages)).toEqual(['About herons.', 'About owls.', 'About cranes.', 'About cranes.']);
    const sent = gateway.provider.requests.at(-1)?.body?.messages as { role: string; content: JsonObject[] }[];
    const turns = sent.filter(({ role }) => role === 'assistant').map(({ content }) => content.map(({ type }) => type));
    const thought = ['thinking', 'tool_use'];
    expect(turns).toEqual([thought, thought, ['tool_use'], thought, thought]);
  });

  it('and in every call of a turn', async () => {
    gateway = await startTestGateway({ plugins: [[keepReasoning]] });
    const twice = (name: string): Turn => ({
      ...turn(name),
      toolCalls: ['left', 'right'].map((at) => ({ id: ID, name: 'look', arguments: { at } })),
    });
    let messages = await begin('herons', twice('herons'));
    messages = await look(messages, twice('owls'));
    expect(await goOn(messages)).toEqual(['About herons.', 'About owls.']);
  });
});

it('an answer that broke off and was gone on with has no state, as half of it would be none', async () => {
  const model = 'claude-haiku-4-5';
  gateway = await startTestGateway({
    targets: [`anthropic/${model}`],
    plan: { onCut: 'continue', retry: { maxRetries: 0 } },
    plugins: [[keepReasoning]],
  });
  const first: Turn = { reasoning: 'About herons.', signature: 'MQ==', text: ['I will look at ', '@@@'] };
  const { sse: stream } = anthropicTurn(first, { model });
  gateway.provider.once(
    '/v1/messages',
    cutAfter(stream.lastIndexOf('event:', stream.indexOf('@')), 'rst', sse(stream)),
  );
  const calls = [{ id: 'toolu_0123456789', name: 'look', arguments: {} }];
  gateway.provider.once(
    '/v1/messages',
    reply({ reasoning: 'Half.', signature: 'Mg==', text: 'it.', toolCalls: calls }),
  );
  const asked = { role: 'user', content: 'Look.' };
  const answered = await gateway.post('/v1/chat/completions', {
    model: 'm',
    messages: [asked],
    tools: [LOOK],
    stream: true,
  });
  const text = await answered.text();
  expect(text).toContain('[DONE]');
  expect(text).toContain('toolu_0123456789');
  expect((await gateway.nextRecord()).attempts).toMatchObject([{ outcome: 'cut' }, { as: 'continuation' }]);
  for (const content of ['I will look at it.', null]) {
    const [{ id, name }] = calls as [(typeof calls)[0]];
    const said = {
      role: 'assistant',
      content,
      tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }],
    };
    expect(await goOn([asked, said, { role: 'tool', tool_call_id: id, content: 'done' }])).toEqual([]);
  }
});
