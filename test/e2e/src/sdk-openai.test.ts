import { describe, expect, it } from '@jest/globals';
import { conversation, reply, type Turn } from '@signalbox/testkit';
import OpenAI from 'openai';
import { ANTHROPIC_SIDE, CHAT_SIDE } from './lanes.ts';
import { collect, DOT_PNG, rejection, type SdkScene, sdkCase } from './sdk-case.ts';
import { chatBodies, textOf, toolCallIds, toolNames, toolResults, type WireBody } from './wire-view.ts';

const MODEL = 'gpt-of-the-day';
const ask = (text: string) => ({ model: MODEL, messages: [{ role: 'user' as const, content: text }] });
const PARAMETERS = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] };
const WEATHER = {
  type: 'function' as const,
  function: { name: 'get_weather', description: 'Weather of a place', parameters: PARAMETERS },
};
const TWO_CALLS: Turn = {
  text: 'I look at both.',
  toolCalls: [
    { id: 'call_bern', name: 'get_weather', arguments: { place: 'Bern' } },
    { id: 'call_zug', name: 'get_weather', arguments: { place: 'Zug "am See"' } },
  ],
};
const FULL_USAGE = { promptTokens: 900, completionTokens: 30, cacheReadTokens: 500 };

describe.each([CHAT_SIDE, ANTHROPIC_SIDE])('the OpenAI SDK with a provider behind $name', (side) => {
  const clientOf = ({ gateway }: SdkScene) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sdk-key', maxRetries: 0 });
  const chat = side.format === 'openai-chat';

  it('F31 creates a completion with its usage', async () => {
    await sdkCase(side, reply({ text: 'Grüezi 👋', usage: FULL_USAGE }), async (scene) => {
      const completion = await clientOf(scene).chat.completions.create({
        ...ask('Hello'),
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
        temperature: 0.5,
        max_completion_tokens: 77,
      });
      expect(completion).toMatchObject({
        object: 'chat.completion',
        model: MODEL,
        choices: [{ index: 0, message: { role: 'assistant', content: 'Grüezi 👋' }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 900,
          completion_tokens: 30,
          total_tokens: 930,
          prompt_tokens_details: { cached_tokens: 500 },
        },
      });
      const body = chatBodies(scene.provider)[0] as WireBody;
      expect(body.temperature).toBe(0.5);
      expect(JSON.stringify(body)).toContain('Be brief.');
      expect(chat ? body.max_completion_tokens : body.max_tokens).toBe(77);
    });
  });

  it('tells the id of a request that went well', async () => {
    await sdkCase(side, reply({ text: 'ok' }), async (scene) => {
      const completion = await clientOf(scene).chat.completions.create(ask('Hello'));
      expect(completion._request_id).toEqual(expect.any(String));
    });
  });

  it('streams text with its usage at the end', async () => {
    await sdkCase(side, reply({ text: ['Gr', 'üezi ', '👋'], usage: FULL_USAGE }), async (scene) => {
      const stream = await clientOf(scene).chat.completions.create({
        ...ask('Hello'),
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = await collect(stream);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Grüezi 👋');
      expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set([MODEL]));
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
      const reasons = chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.finish_reason)).filter(Boolean);
      expect(reasons).toEqual(['stop']);
      expect(chunks.at(-1)).toMatchObject({
        choices: [],
        usage: { prompt_tokens: 900, completion_tokens: 30, prompt_tokens_details: { cached_tokens: 500 } },
      });
    });
  });

  it('F04 streams reasoning, text and parallel tool calls into one completion', async () => {
    const turn = { ...TWO_CALLS, reasoning: 'Two places, two calls.', signature: 'c2lnbmVk' };
    await sdkCase(side, reply(turn), async (scene) => {
      const stream = clientOf(scene).chat.completions.stream({ ...ask('Weather?'), tools: [WEATHER] });
      let reasoning = '';
      stream.on('chunk', (chunk) => {
        const delta = chunk.choices[0]?.delta as { reasoning_content?: string } | undefined;
        reasoning += delta?.reasoning_content ?? '';
      });
      const completion = await stream.finalChatCompletion();
      expect(reasoning).toBe('Two places, two calls.');
      const choice = completion.choices[0];
      expect(choice?.finish_reason).toBe('tool_calls');
      expect(choice?.message.content).toBe('I look at both.');
      expect(choice?.message.tool_calls).toMatchObject([
        { type: 'function', function: { name: 'get_weather', arguments: expect.any(String) } },
        { type: 'function', function: { name: 'get_weather', arguments: expect.any(String) } },
      ]);
      const calls = choice?.message.tool_calls ?? [];
      expect(calls.map((call) => (call.type === 'function' ? JSON.parse(call.function.arguments) : undefined))).toEqual(
        [{ place: 'Bern' }, { place: 'Zug "am See"' }],
      );
    });
  });

  it.each([false, true])('runs a tool loop to its end (streaming: %s)', async (stream) => {
    const script = conversation([
      { ...TWO_CALLS, reasoning: 'Two places.', signature: 'c2lnbmVk' },
      { text: 'Sun, sun.' },
    ]);
    await sdkCase(side, script, async (scene) => {
      const asked: unknown[] = [];
      const tools = [
        {
          type: 'function' as const,
          function: {
            ...WEATHER.function,
            parse: (input: string) => JSON.parse(input) as { place: string },
            function: (input: { place: string }) => {
              asked.push(input);
              return 'sun';
            },
          },
        },
      ];
      const { completions } = clientOf(scene).chat;
      const runner = stream
        ? completions.runTools({ ...ask('Weather?'), stream: true, tools })
        : completions.runTools({ ...ask('Weather?'), tools });
      expect(await runner.finalContent()).toBe('Sun, sun.');
      expect(asked).toEqual([{ place: 'Bern' }, { place: 'Zug "am See"' }]);
      const last = chatBodies(scene.provider)[1] as WireBody;
      expect(toolNames(last)).toEqual(['get_weather']);
      expect(toolResults(last)).toEqual(toolCallIds(last).map((id) => ({ id, text: 'sun' })));
      expect(toolCallIds(last)).toHaveLength(2);
    });
  });

  it('F49 sends images and what tools gave', async () => {
    const image = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${DOT_PNG}` } };
    await sdkCase(side, reply({ text: 'A dot.' }), async (scene) => {
      await clientOf(scene).chat.completions.create({
        ...ask('unused'),
        tools: [WEATHER],
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'What is this?' }, image] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"place":"Bern"}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'a lot of sun' }] },
        ],
      });
      const body = chatBodies(scene.provider)[0] as WireBody;
      expect(JSON.stringify(body)).toContain(DOT_PNG);
      expect(toolResults(body).map(({ text }) => text)).toEqual(['a lot of sun']);
      if (!chat) {
        expect(body.messages[0]?.content).toMatchObject([
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: DOT_PNG } },
        ]);
        expect(body.max_tokens).toEqual(expect.any(Number));
      }
    });
  });

  it('F62 asks for structured output and parses it', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
      additionalProperties: false,
    };
    await sdkCase(side, reply({ text: '{"name":"Ada"}' }), async (scene) => {
      const completion = await clientOf(scene).chat.completions.parse({
        ...ask('A name'),
        response_format: { type: 'json_schema', json_schema: { name: 'person', schema, strict: true } },
      });
      expect(completion.choices[0]?.message.content).toBe('{"name":"Ada"}');
      const body = chatBodies(scene.provider)[0] as WireBody;
      if (chat) expect(body.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
      else expect(body.output_config).toMatchObject({ format: { type: 'json_schema', schema } });
    });
  });

  it('F67 sends stop sequences', async () => {
    await sdkCase(side, reply({ text: 'before', stopReason: 'stop-sequence', stopSequence: 'END' }), async (scene) => {
      const completion = await clientOf(scene).chat.completions.create({ ...ask('Go'), stop: ['END', 'FIN'] });
      expect(completion.choices[0]).toMatchObject({ message: { content: 'before' }, finish_reason: 'stop' });
      const body = chatBodies(scene.provider)[0] as WireBody;
      expect(chat ? body.stop : body.stop_sequences).toEqual(['END', 'FIN']);
    });
  });

  it('F65 says which tools may be called, and how', async () => {
    const other = { type: 'function' as const, function: { name: 'get_time', parameters: { type: 'object' } } };
    await sdkCase(side, reply({ text: 'ok' }), async (scene) => {
      const { completions } = clientOf(scene).chat;
      const tools = [WEATHER, other];
      await completions.create({ ...ask('Go'), tools, tool_choice: 'required', parallel_tool_calls: false });
      await completions.create({
        ...ask('Go'),
        tools,
        tool_choice: { type: 'function', function: { name: 'get_time' } },
      });
      const [required, named] = chatBodies(scene.provider);
      if (chat) {
        expect(required).toMatchObject({ tool_choice: 'required', parallel_tool_calls: false });
        expect(named).toMatchObject({ tool_choice: { type: 'function', function: { name: 'get_time' } } });
      } else {
        expect(required).toMatchObject({ tool_choice: { type: 'any', disable_parallel_tool_use: true } });
        expect(named).toMatchObject({ tool_choice: { type: 'tool', name: 'get_time' } });
      }
    });
  });

  it('F67 drops no parameter without saying so', async () => {
    const wishes = { seed: 7, frequency_penalty: 0.5, logit_bias: { '50256': -100 }, top_p: 0.9, temperature: 0.3 };
    await sdkCase(side, reply({ text: 'ok' }), async (scene) => {
      const call = clientOf(scene).chat.completions.create({ ...ask('Go'), ...wishes });
      const { response } = await call.withResponse();
      const body = chatBodies(scene.provider)[0] as WireBody;
      const { notes } = await scene.gateway.waitForRecord(0);
      const gone = Object.keys(wishes).filter((key) => body[key] === undefined);
      expect(gone.filter((key) => !notes.some(({ path }) => path === key))).toEqual([]);
      if (chat) expect(gone).toEqual([]);
      else expect(response.headers.get('x-signalbox-fidelity')).toMatch(/dropped=\d/);
    });
  });

  it('F67 never answers with one choice where two were asked for', async () => {
    await sdkCase(side, reply({ text: 'ok' }), async (scene) => {
      const call = clientOf(scene).chat.completions.create({ ...ask('Go'), n: 2 });
      if (chat) {
        await call;
        expect(chatBodies(scene.provider)[0]?.n).toBe(2);
      } else {
        expect(await rejection(call)).toBeInstanceOf(OpenAI.BadRequestError);
        expect(scene.provider.requests).toEqual([]);
      }
    });
  });

  it('F60 says how hard to think', async () => {
    await sdkCase(side, reply({ text: 'ok' }), async (scene) => {
      await clientOf(scene).chat.completions.create({ ...ask('Think'), reasoning_effort: 'high' });
      const body = chatBodies(scene.provider)[0] as WireBody;
      if (chat) expect(body.reasoning_effort).toBe('high');
      else expect(body.output_config).toMatchObject({ effort: 'high' });
    });
  });

  it('lists the models', async () => {
    await sdkCase(side, reply({ text: 'unused' }), async (scene) => {
      const models = await collect(clientOf(scene).models.list());
      expect(models).toEqual(
        expect.arrayContaining([expect.objectContaining({ id: 'scripted/upstream-model', object: 'model' })]),
      );
      expect(await clientOf(scene).models.retrieve('scripted/upstream-model')).toMatchObject({ object: 'model' });
      expect(await rejection(clientOf(scene).models.retrieve('nobody/knows'))).toBeInstanceOf(OpenAI.NotFoundError);
    });
  });

  it('F75 gives the reasoning of a tool loop back to the provider that it came from', async () => {
    const script = conversation([{ ...TWO_CALLS, reasoning: 'Two places.', signature: 'c2lnbmVk' }, { text: 'Sun.' }]);
    await sdkCase(side, script, async (scene) => {
      const client = clientOf(scene);
      const first = await client.chat.completions.create({ ...ask('Weather?'), tools: [WEATHER] });
      const message = first.choices[0]?.message as OpenAI.ChatCompletionMessage;
      expect(message).toMatchObject({ reasoning_content: 'Two places.' });
      await client.chat.completions.create({
        ...ask('unused'),
        tools: [WEATHER],
        messages: [
          { role: 'user', content: 'Weather?' },
          message,
          ...(message.tool_calls ?? []).map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sun' })),
        ],
      });
      const assistant = (chatBodies(scene.provider)[1] as WireBody).messages.find(({ role }) => role === 'assistant');
      if (chat) expect(assistant?.reasoning_content).toBe('Two places.');
      else
        expect(assistant?.content).toMatchObject([
          { type: 'thinking', thinking: 'Two places.', signature: 'c2lnbmVk' },
          { type: 'text', text: 'I look at both.' },
          { type: 'tool_use' },
          { type: 'tool_use' },
        ]);
      expect(textOf(assistant?.content ?? undefined)).toContain('I look at both.');
    });
  });
});
