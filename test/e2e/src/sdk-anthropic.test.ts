import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from '@jest/globals';
import { conversation, type Responder, reply, sse, type Turn } from '@signalbox/testkit';
import { anthropicSdkCases, ask, MODEL } from './anthropic-sdks.ts';
import { chatProblems } from './chat-shape.ts';
import { CHAT_SIDE } from './lanes.ts';
import { collect, DOT_PNG, rejection, type SdkScene, sdkCase } from './sdk-case.ts';
import { chatBodies, isChat, toolCallIds, toolNames, toolResults, type WireBody } from './wire-view.ts';

const WEATHER = {
  name: 'get_weather',
  description: 'Weather of a place',
  input_schema: { type: 'object' as const, properties: { place: { type: 'string' } }, required: ['place'] },
};
const TWO_CALLS: Turn = {
  text: 'I look at both.',
  toolCalls: [
    { id: 'call_bern', name: 'get_weather', arguments: { place: 'Bern' } },
    { id: 'call_zug', name: 'get_weather', arguments: { place: 'Zug "am See"' } },
  ],
};
const FULL_USAGE = { promptTokens: 900, completionTokens: 30, cacheReadTokens: 500 };

describe.each(anthropicSdkCases)('@anthropic-ai/sdk $generation with a provider behind $name', ({ Sdk, side }) => {
  const clientOf = ({ gateway }: SdkScene) => new Sdk({ baseURL: gateway.url, apiKey: 'sdk-key', maxRetries: 0 });
  const chat = side.format === 'openai-chat';

  it('creates a message with its usage', async () => {
    await sdkCase(side, reply({ text: 'Grüezi 👋', usage: FULL_USAGE }), async (scene) => {
      const message = await clientOf(scene).messages.create({ ...ask('Hello'), system: 'Be brief.' });
      expect(message).toMatchObject({
        type: 'message',
        role: 'assistant',
        model: MODEL,
        content: [{ type: 'text', text: 'Grüezi 👋' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 400, cache_read_input_tokens: 500, output_tokens: 30 },
      });
      expect(message.id).toMatch(/^msg_/);
      const [body] = chatBodies(scene.provider);
      expect(JSON.stringify(body)).toContain('Be brief.');
      if (chat) expect(chatProblems(scene.provider.requests[0]?.body ?? {}, side.dialect)).toEqual([]);
    });
  });

  it('tells the id of a request that went well', async () => {
    await sdkCase(side, reply({ text: 'ok' }), async (scene) => {
      const message = await clientOf(scene).messages.create(ask('Hello'));
      expect(message._request_id).toEqual(expect.any(String));
      const { request_id: id } = await clientOf(scene)
        .messages.create({ ...ask('Hello'), stream: true })
        .withResponse();
      expect(id).toEqual(expect.any(String));
    });
  });

  it('F01 streams reasoning, text and parallel tool calls into one message', async () => {
    const turn = { ...TWO_CALLS, reasoning: 'Two places, two calls.', signature: 'c2lnbmVk', usage: FULL_USAGE };
    await sdkCase(side, reply(turn), async (scene) => {
      const stream = clientOf(scene).messages.stream({ ...ask('Weather?'), tools: [WEATHER] });
      const kinds: string[] = [];
      stream.on('streamEvent', (event) => kinds.push(event.type));
      const text: string[] = [];
      stream.on('text', (delta) => text.push(delta));
      const message = await stream.finalMessage();
      expect(text.join('')).toBe('I look at both.');
      expect(kinds.filter((kind) => kind === 'message_start')).toHaveLength(1);
      expect(kinds.at(-1)).toBe('message_stop');
      expect(message.model).toBe(MODEL);
      expect(message.stop_reason).toBe('tool_use');
      expect(message.content).toMatchObject([
        { type: 'thinking', thinking: 'Two places, two calls.' },
        { type: 'text', text: 'I look at both.' },
        { type: 'tool_use', name: 'get_weather', input: { place: 'Bern' } },
        { type: 'tool_use', name: 'get_weather', input: { place: 'Zug "am See"' } },
      ]);
      expect(message.usage).toMatchObject({ input_tokens: 400, cache_read_input_tokens: 500, output_tokens: 30 });
      if (!chat) expect(message.content[0]).toMatchObject({ signature: 'c2lnbmVk' });
    });
  });

  it('F49 sends tool results with images and reasoning back, in call order', async () => {
    const script = conversation([
      { ...TWO_CALLS, reasoning: 'Two places.', signature: 'c2lnbmVk' },
      { text: 'Sunny.' },
    ]);
    await sdkCase(side, script, async (scene) => {
      const client = clientOf(scene);
      const first = await client.messages.create({ ...ask('Weather?'), tools: [WEATHER] });
      const [bern, zug] = first.content.filter((block) => block.type === 'tool_use');
      const second = await client.messages.create({
        ...ask('Weather?'),
        tools: [WEATHER],
        messages: [
          { role: 'user', content: 'Weather?' },
          { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: zug?.id ?? '', content: 'rain', is_error: false },
              {
                type: 'tool_result',
                tool_use_id: bern?.id ?? '',
                content: [
                  { type: 'text', text: 'a picture' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: DOT_PNG } },
                ],
              },
            ],
          },
        ],
      });
      expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny.' }]);
      const body = chatBodies(scene.provider)[1] as WireBody;
      const text = JSON.stringify(body);
      expect(text).toContain(DOT_PNG);
      expect(text).toContain('Two places.');
      expect(
        toolResults(body)
          .map((result) => result.text.trim())
          .sort(),
      ).toEqual(expect.arrayContaining([expect.stringContaining('a picture'), 'rain']));
      if (chat) {
        expect(chatProblems(scene.provider.requests[1]?.body ?? {}, side.dialect)).toEqual([]);
        expect(toolResults(body).map(({ id }) => id)).toEqual(toolCallIds(body));
        expect(body.messages.find(({ role }) => role === 'assistant')?.reasoning_content).toBe('Two places.');
      }
    });
  });

  it('F78 runs a tool loop to its end, with the whole history where the provider keeps none', async () => {
    const script = conversation([TWO_CALLS, { text: 'Bern: sun, Zug: sun.' }]);
    await sdkCase(side, script, async (scene) => {
      const asked: unknown[] = [];
      const runner = clientOf(scene).beta.messages.toolRunner({
        ...ask('Weather?'),
        stream: true,
        tools: [
          {
            ...WEATHER,
            type: 'custom',
            run: (input: unknown) => {
              asked.push(input);
              return 'sun';
            },
            parse: (input: unknown) => input,
          },
        ],
      });
      const message = await runner.runUntilDone();
      expect(message.content).toMatchObject([{ type: 'text', text: 'Bern: sun, Zug: sun.' }]);
      expect(asked).toEqual([{ place: 'Bern' }, { place: 'Zug "am See"' }]);
      const last = chatBodies(scene.provider).at(-1) as WireBody;
      expect(toolResults(last).map(({ text }) => text)).toEqual(['sun', 'sun']);
      if (last.thread !== undefined) {
        // 1.x keeps the conversation at the API: only the API itself can have the rest of it.
        expect(chat).toBe(false);
        expect(last.thread).toEqual({ type: 'continue', previous_message_id: 'msg_scripted_0' });
        return;
      }
      expect(toolNames(last)).toEqual(['get_weather']);
      expect(toolResults(last).map(({ id }) => id)).toEqual(toolCallIds(last));
      expect(JSON.stringify(last.messages)).toContain('Weather?');
    });
  });

  it('F62 asks for structured output and gets it', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
      additionalProperties: false,
    };
    await sdkCase(side, reply({ text: '{"name":"Ada"}' }), async (scene) => {
      const message = await clientOf(scene).messages.create({
        ...ask('A name'),
        output_config: { format: { type: 'json_schema', schema } },
      });
      expect(message.content).toMatchObject([{ type: 'text', text: '{"name":"Ada"}' }]);
      const body = chatBodies(scene.provider)[0] as WireBody;
      if (chat) expect(body.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
      else expect(body.output_config).toEqual({ format: { type: 'json_schema', schema } });
    });
  });

  it('F67 stops at any of its stop sequences, and says at which', async () => {
    const sequences = ['AAA', 'BBB', 'CCC', 'DDD', '</end>'];
    const turn: Turn = chat
      ? { text: ['before</', 'end>after'] }
      : { text: 'before', stopReason: 'stop-sequence', stopSequence: '</end>' };
    await sdkCase(side, reply(turn), async (scene) => {
      const stream = clientOf(scene).messages.stream({ ...ask('Go'), stop_sequences: sequences });
      const message = await stream.finalMessage();
      expect(message).toMatchObject({
        content: [{ type: 'text', text: 'before' }],
        stop_reason: 'stop_sequence',
        stop_sequence: '</end>',
      });
      const body = chatBodies(scene.provider)[0] as WireBody;
      const sent = (chat ? body.stop : body.stop_sequences) as string[];
      expect(sequences).toEqual(expect.arrayContaining(sent));
      if (chat) expect(sent.length).toBeLessThanOrEqual(4);
      else expect(sent).toEqual(sequences);
    });
  });

  it('F26 counts tokens', async () => {
    await sdkCase(side, side.countTokens, async (scene) => {
      const small = await clientOf(scene).messages.countTokens({ model: MODEL, messages: ask('Hi').messages });
      expect(small.input_tokens).toBeGreaterThan(0);
      if (!chat) {
        expect(small.input_tokens).toBe(321);
        expect(scene.provider.requests.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
        return;
      }
      const large = await clientOf(scene).messages.countTokens({
        model: MODEL,
        messages: ask('Hi').messages,
        system: 'word '.repeat(1_000),
        tools: [{ ...WEATHER, description: 'word '.repeat(1_000) }],
      });
      expect(large.input_tokens - small.input_tokens).toBeGreaterThan(1_500);
      expect(scene.provider.requests).toEqual([]);
    });
  });

  it('lists the models', async () => {
    await sdkCase(side, reply({ text: 'unused' }), async (scene) => {
      const models = await collect(clientOf(scene).models.list());
      expect(models.map(({ id }) => id)).toContain('scripted/upstream-model');
      const one = await clientOf(scene).models.retrieve('scripted/upstream-model');
      expect(one).toMatchObject({ type: 'model', id: 'scripted/upstream-model' });
      expect(await rejection(clientOf(scene).models.retrieve('nobody/knows'))).toBeInstanceOf(Sdk.NotFoundError);
      expect(scene.provider.requests).toEqual([]);
    });
  });
});

describe('F87 the Anthropic SDK and a Chat provider that streams carelessly', () => {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const call = (id: string, name: string, text: string, index?: number) => ({
    tool_calls: [
      { ...(index === undefined ? {} : { index }), id, type: 'function', function: { name, arguments: text } },
    ],
  });

  it.each([
    {
      fault: 'no role, every call at index 0',
      frames: [
        chunk(call('a', 'get_weather', '{"place":"Bern"}', 0)),
        chunk(call('b', 'get_weather', '{"place":"Zug"}', 0)),
      ],
    },
    {
      fault: 'no index at all',
      frames: [chunk(call('a', 'get_weather', '{"place":"Bern"}')), chunk(call('b', 'get_weather', '{"place":"Zug"}'))],
    },
    {
      fault: 'interleaved arguments',
      frames: [
        chunk(call('a', 'get_weather', '{"place":', 0)),
        chunk(call('b', 'get_weather', '{"place":', 1)),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"Bern"}' } }] }),
        chunk({ tool_calls: [{ index: 1, function: { arguments: '"Zug"}' } }] }),
      ],
    },
  ])('F04 $fault', async ({ frames }) => {
    const script: Responder = sse([...frames, chunk({}, 'stop'), 'data: [DONE]\n\n']);
    await sdkCase(CHAT_SIDE, script, async ({ gateway, provider }) => {
      const client = new Anthropic({ baseURL: gateway.url, apiKey: 'sdk-key', maxRetries: 0 });
      const message = await client.messages.stream({ ...ask('Weather?'), tools: [WEATHER] }).finalMessage();
      expect(message.stop_reason).toBe('tool_use');
      expect(message.content.map((block) => (block.type === 'tool_use' ? block.input : block))).toEqual([
        { place: 'Bern' },
        { place: 'Zug' },
      ]);
      expect(provider.requests.filter(isChat)).toHaveLength(1);
    });
  });
});
