import { afterEach, describe, expect, it } from '@jest/globals';
import gemini from '@signalbox/format-gemini';
import ollama from '@signalbox/format-ollama';
import openaiResponses from '@signalbox/format-openai-responses';
import type { FidelityNote, JsonObject } from '@signalbox/kit';
import providerGemini from '@signalbox/provider-gemini';
import { anthropicTurn, type Responder, reply, type Turn } from '@signalbox/testkit';
import toolCheck from '@signalbox/transform-tool-check';
import toolRepair from '@signalbox/transform-tool-repair';
import {
  anthropicHeaders,
  chatBody,
  messagesBody,
  startTestGateway,
  type TestGateway,
  type TestGatewayOptions,
} from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const start = async (targets: readonly string[], plugins: TestGatewayOptions['plugins'] = [[toolCheck, {}]]) => {
  gateway = await startTestGateway({
    targets,
    plugins: (url) => [
      [openaiResponses],
      [gemini],
      [ollama],
      [providerGemini, { apiKey: 'AIza-gateway-key', baseUrl: url }],
      ...(typeof plugins === 'function' ? plugins(url) : plugins),
    ],
  });
};

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { path: { type: 'string' }, limit: { type: 'integer', exclusiveMinimum: 5 } },
  required: ['path'],
};
const turnOf = (args: JsonObject | string, name = 'Read'): Turn => ({
  text: 'Reading.',
  toolCalls: [{ id: 'toolu_1', name, arguments: args }],
});
const misfit = (reason: string, index = 1): FidelityNote => ({
  path: `content[${index}].input`,
  action: 'approximated',
  reason: `does not fit the tool’s schema: ${reason}`,
});

interface Client {
  readonly target: string;
  ask(stream: boolean, schema: JsonObject): Promise<Response>;
}

const question = { role: 'user', content: 'Read it.' };
const chatTool = (parameters: JsonObject) => ({ type: 'function', function: { name: 'Read', parameters } });
const CLIENTS: Readonly<Record<string, Client>> = {
  'anthropic-messages': {
    target: 'chat/gpt-test',
    ask: (stream, schema) =>
      gateway.post(
        '/v1/messages',
        messagesBody({ stream, tools: [{ name: 'Read', input_schema: schema }] }),
        anthropicHeaders,
      ),
  },
  'openai-chat': {
    target: 'anthropic/claude-test',
    ask: (stream, schema) => gateway.post('/v1/chat/completions', chatBody({ stream, tools: [chatTool(schema)] })),
  },
  'openai-responses': {
    target: 'anthropic/claude-test',
    ask: (stream, schema) =>
      gateway.post('/v1/responses', {
        ...{ model: 'gpt-test', stream, input: [question] },
        tools: [{ type: 'function', name: 'Read', parameters: schema, strict: false }],
      }),
  },
  gemini: {
    target: 'anthropic/claude-test',
    ask: (stream, schema) =>
      gateway.post(`/v1beta/models/g:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, {
        contents: [{ role: 'user', parts: [{ text: 'Read it.' }] }],
        tools: [{ functionDeclarations: [{ name: 'Read', parametersJsonSchema: schema }] }],
      }),
  },
  ollama: {
    target: 'anthropic/claude-test',
    ask: (stream, schema) =>
      gateway.post('/api/chat', { model: 'm', stream, messages: [question], tools: [chatTool(schema)] }),
  },
};

/** What is noted about the answer alone. */
async function replyNotes(): Promise<readonly FidelityNote[]> {
  return (await gateway.nextRecord()).notes.filter(({ path }) => path.startsWith('content'));
}

describe.each(Object.entries(CLIENTS))('a client of %s', (_format, { target, ask }) => {
  describe.each([false, true])('streaming: %s', (stream) => {
    it('gets a call that does not fit as the model wrote it, with a note', async () => {
      await start([target]);
      gateway.provider.on(() => true, reply(turnOf({ path: 'a', limit: '12' })));
      const answer = await ask(stream, SCHEMA);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-signalbox-lane')).toBe('canonical');
      const text = (await answer.text()).replaceAll('\\', '');
      expect(text).toContain('"limit":"12"');
      expect(await replyNotes()).toEqual([misfit('/limit must be integer')]);
    });

    it('gets a call that fits without one', async () => {
      await start([target]);
      gateway.provider.on(() => true, reply(turnOf({ path: 'a', limit: 12 })));
      expect((await (await ask(stream, SCHEMA)).text()).replaceAll('\\', '')).toContain('"limit":12');
      expect(await replyNotes()).toEqual([]);
    });

    it('is told of a tool that it never declared', async () => {
      await start([target]);
      gateway.provider.on(() => true, reply(turnOf({ path: 'a' }, 'Write')));
      expect((await ask(stream, SCHEMA)).status).toBe(200);
      const note = { path: 'content[1]', action: 'approximated', reason: 'the client declared no such tool' };
      expect(await replyNotes()).toEqual([note]);
    });
  });
});

it('F81 arguments are held against the schema that the client wrote, not the one that was sent', async () => {
  await start(['gemini/gemini-test']);
  gateway.provider.once(() => true, reply(turnOf({ path: 'a', limit: 3 })));
  await CLIENTS['anthropic-messages']?.ask(true, { ...SCHEMA, not: { required: ['other'] } });
  const sent = JSON.stringify(gateway.provider.requests[0]?.body);
  expect(sent).toContain('"limit"');
  expect(sent).not.toContain('"not"');
  expect(await replyNotes()).toContainEqual(misfit('/limit must be > 5', 2));
  gateway.provider.once(() => true, reply(turnOf({ path: 'a', other: 3 })));
  await CLIENTS['anthropic-messages']?.ask(false, { ...SCHEMA, not: { required: ['other'] } });
  expect(await replyNotes()).toContainEqual(misfit('must NOT be valid', 2));
});

describe('the receipt', () => {
  it('names what does not fit, on a whole answer and at the end of a stream', async () => {
    await start(['chat/gpt-test']);
    gateway.provider.on(() => true, reply(turnOf({ limit: 12 })));
    const tools = [{ name: 'Read', input_schema: SCHEMA }];
    const headers = { ...anthropicHeaders, 'x-signalbox-receipt': 'full' };
    const whole = await gateway.post('/v1/messages', messagesBody({ tools }), headers);
    expect(whole.headers.get('x-signalbox-fidelity')).toContain('approximated=1');
    const expected = misfit("must have required property 'path'");
    expect(JSON.parse(whole.headers.get('x-signalbox-receipt') ?? '')).toContainEqual(expected);
    const streamed = await gateway.post('/v1/messages', messagesBody({ tools, stream: true }), headers);
    const [, receipt = ''] = /^: signalbox-receipt (.*)$/m.exec(await streamed.text()) ?? [];
    expect(JSON.parse(receipt)).toContainEqual(expected);
  });
});

describe('a stream', () => {
  /** Sends the frames up to the first that holds `mark`, and the others once `seen` settles. */
  const pausedBehind =
    (frames: readonly string[], mark: string, seen: Promise<void>): Responder =>
    async (_request, wire) => {
      wire.head(200, { 'content-type': 'text/event-stream' });
      const at = frames.findIndex((frame) => frame.includes(mark)) + 1;
      for (const frame of frames.slice(0, at)) await wire.write(Buffer.from(frame));
      await seen;
      for (const frame of frames.slice(at)) await wire.write(Buffer.from(frame));
      await wire.end();
    };

  it('is not held back: arguments reach the client while the call goes on', async () => {
    await start(['anthropic/claude-test']);
    let goOn = (): void => {};
    const seen = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { frames } = anthropicTurn(turnOf({ path: 'x'.repeat(100), limit: 'y' }), { model: 'claude-test' });
    gateway.provider.on('/v1/messages', pausedBehind(frames, 'xxx', seen));
    const answer = await CLIENTS['openai-chat']?.ask(true, SCHEMA);
    let text = '';
    for await (const chunk of answer?.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('"arguments":"{')) goOn();
    }
    expect(text).toContain('[DONE]');
    expect(await replyNotes()).toEqual([misfit('/limit must be integer')]);
  });

  it('that passes through stays as it is, and is not looked into', async () => {
    await start(['anthropic/claude-test']);
    const { sse } = anthropicTurn(turnOf({ limit: 'x' }), { model: 'claude-test', id: 'msg_scripted_0' });
    gateway.provider.on('/v1/messages', reply(turnOf({ limit: 'x' })));
    const answer = await CLIENTS['anthropic-messages']?.ask(true, SCHEMA);
    expect(answer?.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(await answer?.text()).toBe(sse);
    expect((await gateway.nextRecord()).notes).toEqual([]);
  });
});

describe('a schema', () => {
  const hostile: readonly (readonly [string, JsonObject])[] = [
    ['of more than 100 KB', { ...SCHEMA, description: 'x'.repeat(100_001) }],
    ['with a pattern for names', { ...SCHEMA, patternProperties: { '^(a+)+$': { type: 'string' } } }],
    ['that goes round in circles', { ...SCHEMA, $defs: { a: { $ref: '#/$defs/a' } }, allOf: [{ $ref: '#/$defs/a' }] }],
    ['that makes no sense', { type: 'objekt' }],
  ];
  it.each(hostile)('%s is not checked', async (_name, schema) => {
    await start(['chat/gpt-test']);
    gateway.provider.on(() => true, reply(turnOf({ limit: 'x' })));
    expect((await CLIENTS['anthropic-messages']?.ask(true, schema))?.status).toBe(200);
    expect(await replyNotes()).toEqual([]);
  });

  it('F101 with a hostile pattern is checked without it', async () => {
    await start(['chat/gpt-test']);
    const path = { type: 'string', pattern: '^(a+)+$' };
    gateway.provider.on(() => true, reply(turnOf({ path: `${'a'.repeat(50)}!`, limit: 'x' })));
    await CLIENTS['anthropic-messages']?.ask(false, {
      type: 'object',
      properties: { path, limit: { type: 'integer' } },
    });
    expect(await replyNotes()).toEqual([misfit('/limit must be integer')]);
  });
});

describe('beside transform-tool-repair', () => {
  it.each([
    ['before', [[toolCheck, {}] as const, [toolRepair, {}] as const]],
    ['behind', [[toolRepair, {}] as const, [toolCheck, {}] as const]],
  ])('%s it, what was mended fits, and what was not is noted once', async (_order, plugins) => {
    await start(['chat/gpt-test'], plugins);
    gateway.provider.once(() => true, reply(turnOf({ path: 'a', limit: '12' })));
    const mended = await CLIENTS['anthropic-messages']?.ask(true, SCHEMA);
    expect((await mended?.text())?.replaceAll('\\', '')).toContain('"limit":12');
    expect((await replyNotes()).map(({ action }) => action)).toEqual(['mapped']);
    gateway.provider.once(() => true, reply(turnOf({ limit: 12 })));
    await (await CLIENTS['anthropic-messages']?.ask(true, SCHEMA))?.text();
    expect(await replyNotes()).toEqual([misfit("must have required property 'path'")]);
  });
});
