import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import { reply } from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const SIGNATURE = 'EqRkc2lnbmF0dXJl';
const LIMITS = { ttlMinutes: 10, maxEntries: 100, maxBytes: 1_000_000, sameFormat: [] as string[] };
const options = (targets: string[], more: JsonObject = {}): TestGatewayOptions => ({
  targets,
  plugins: (url) => [
    [keepReasoning, { ...LIMITS, ...more }],
    [
      providerCompatible,
      { name: 'second', apiKey: 'k-second-0001', baseUrl: `${url}/second`, format: 'anthropic-messages' },
    ],
  ],
});
const thought = {
  reasoning: 'I should look.',
  signature: SIGNATURE,
  text: 'Let me look.',
  toolCalls: [{ id: 'toolu_1', name: 'look', arguments: { at: 'it' } }],
};

interface Message {
  role: string;
  content: unknown;
  tool_calls?: { id: string }[];
  tool_call_id?: string;
}

/** A Chat client that keeps of an answer what every Chat client keeps: text and tool calls. */
async function turn(messages: Message[], stream: boolean, key = 'client'): Promise<Message> {
  const answer = await gateway.post(
    '/v1/chat/completions',
    { model: 'm', stream, messages, tools: [{ type: 'function', function: { name: 'look', parameters: {} } }] },
    { authorization: `Bearer ${key}` },
  );
  if (!stream) {
    const whole = (await answer.json()) as { choices: [{ message: Message }] };
    if (!answer.ok) throw new Error(JSON.stringify(whole));
    const { choices } = whole;
    const { role, content, tool_calls: calls } = choices[0].message;
    return { role, content, ...(calls === undefined ? {} : { tool_calls: calls }) };
  }
  let content = '';
  const calls: { id: string; type: string; function: { name: string; arguments: string } }[] = [];
  for (const [, data = ''] of (await answer.text()).matchAll(/^data: (\{.*\})$/gm)) {
    const { choices } = JSON.parse(data) as {
      choices: {
        delta: {
          content?: string;
          tool_calls?: { id?: string; index: number; function: { name?: string; arguments?: string } }[];
        };
      }[];
    };
    content += choices[0]?.delta.content ?? '';
    for (const { id, index, function: fn } of choices[0]?.delta.tool_calls ?? []) {
      if (id !== undefined) calls[index] = { id, type: 'function', function: { name: fn.name ?? '', arguments: '' } };
      const call = calls[index];
      if (call !== undefined) call.function.arguments += fn.arguments ?? '';
    }
  }
  return { role: 'assistant', content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}

const result = (message: Message): Message => ({
  role: 'tool',
  tool_call_id: message.tool_calls?.[0]?.id ?? '',
  content: 'a heron',
});
/** The reasoning in the assistant messages that a provider got. */
const reasoningSent = (index: number) =>
  ((gateway.provider.requests[index]?.body?.messages ?? []) as { role: string; content: JsonObject[] }[])
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => content.filter(({ type }) => type === 'thinking'));
const genuine = { type: 'thinking', thinking: 'I should look.', signature: SIGNATURE };
const user: Message = { role: 'user', content: 'Look.' };

describe.each([false, true])('a Chat client that drops reasoning (streaming: %s)', (stream) => {
  it('F75 has it given back by the gateway, in its place and as it was', async () => {
    gateway = await startTestGateway(options(['anthropic/claude']));
    gateway.provider.once('/v1/messages', reply(thought));
    gateway.provider.once('/v1/messages', reply({ text: 'A heron.' }));
    const first = await turn([user], stream);
    await gateway.reload();
    await turn([user, first, result(first)], stream);
    expect(reasoningSent(1)).toEqual([[genuine]]);
    const [assistant] = (
      (gateway.provider.requests[1]?.body?.messages ?? []) as { role: string; content: JsonObject[] }[]
    ).filter(({ role }) => role === 'assistant');
    expect(assistant?.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
  });

  it('F73 has it given back to its own provider only, through a change and back', async () => {
    gateway = await startTestGateway(options(['anthropic/claude']));
    gateway.provider.on('/v1/messages', reply(thought));
    gateway.provider.on('/second/v1/messages', reply({ text: 'I see.' }));
    const first = await turn([user], stream);
    await gateway.reload(options(['second/other']));
    const second = await turn([user, first, result(first)], stream);
    expect(JSON.stringify(gateway.provider.requests[1]?.body)).not.toContain(SIGNATURE);
    await gateway.reload(options(['anthropic/claude']));
    await turn([user, first, result(first), second, { role: 'user', content: 'Again.' }], stream);
    expect(reasoningSent(2)).toEqual([[genuine], []]);
  });

  it('gets ids that never repeat, so that each call has its own reasoning', async () => {
    gateway = await startTestGateway(options(['anthropic/claude']));
    gateway.provider.once('/v1/messages', reply(thought));
    gateway.provider.once('/v1/messages', reply({ ...thought, reasoning: 'Once more.', signature: 'c2Vjb25k' }));
    gateway.provider.once('/v1/messages', reply({ text: 'Done.' }));
    const first = await turn([user], stream);
    const second = await turn([user, first, result(first)], stream);
    expect(second.tool_calls?.[0]?.id).not.toBe(first.tool_calls?.[0]?.id);
    await turn([user, first, result(first), second, result(second)], stream);
    expect(reasoningSent(2)).toEqual([
      [genuine],
      [{ type: 'thinking', thinking: 'Once more.', signature: 'c2Vjb25k' }],
    ]);
  });
});

it('knows a text again by its hash where no tool was called', async () => {
  gateway = await startTestGateway(options(['anthropic/claude']));
  gateway.provider.on('/v1/messages', reply({ reasoning: 'Hm.', signature: SIGNATURE, text: 'Hello there.' }));
  const first = await turn([user], false);
  await turn([user, first, user], false);
  expect(reasoningSent(1)).toEqual([[{ type: 'thinking', thinking: 'Hm.', signature: SIGNATURE }]]);
});

it('F70 keeps what Chat clients drop of a Chat provider’s own, where it is asked to', async () => {
  gateway = await startTestGateway(options(['chat/m'], { sameFormat: ['chat'] }));
  gateway.provider.on('/v1/chat/completions', reply(thought, { reasoningField: 'reasoning_content' }));
  const first = await turn([user], true);
  await turn([user, first, result(first)], true);
  const messages = gateway.provider.requests[1]?.body?.messages as { reasoning_content?: string }[];
  expect(messages[1]?.reasoning_content).toBe('I should look.');
});
