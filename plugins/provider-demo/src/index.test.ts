import { describe, expect, it } from '@jest/globals';
import {
  type Block,
  type ChatReply,
  type ChatRequest,
  collectReply,
  isLocalProvider,
  type JsonObject,
  type LocalProvider,
  Notes,
  type Reply,
  type StreamEvent,
  type Tool,
} from '@signalbox/kit';
import { applyPlugin, checkGrammar } from '@signalbox/testkit';
import demo from './index.ts';

const READ: Tool = {
  type: 'function',
  name: 'Read',
  inputSchema: {
    type: 'object',
    properties: { file_path: { type: 'string' }, limit: { type: 'integer', minimum: 1 }, note: { type: 'string' } },
    required: ['file_path', 'limit'],
  },
};
const GREP: Tool = { type: 'function', name: 'Grep', inputSchema: { type: 'object', properties: {} } };

async function create(options: JsonObject = {}): Promise<LocalProvider> {
  const host = await applyPlugin(demo, { models: ['demo'], chunkDelayMs: 0, ...options });
  const provider = host.providers.get('demo');
  if (provider === undefined || !isLocalProvider(provider)) throw new TypeError('no local provider');
  return provider;
}

function ask(provider: LocalProvider, request: ChatRequest, signal = new AbortController().signal): Promise<Reply> {
  const { model, stream } = request;
  const call = { operation: 'chat', model, stream, lane: 'local', clientFormat: 'f', headers: {} } as const;
  return Promise.resolve(
    provider.answer(request, {
      ...call,
      principal: undefined,
      notes: new Notes(),
      request,
      estimatePromptTokens: () => 0,
      signal,
    }),
  );
}

function prompt(text: string, more: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [{ role: 'user', content: [{ type: 'text', text }] }] as const;
  return { model: 'demo', stream: false, system: [], messages, tools: [], ...more };
}

async function answerTo(text: string, more?: Partial<ChatRequest>): Promise<ChatReply> {
  return collectReply(await ask(await create(), prompt(text, more)));
}

const calls = ({ content }: ChatReply) =>
  content.flatMap((block) => (block.type === 'tool-call' ? [[block.name, block.input]] : []));
const textOf = ({ content }: ChatReply) =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');

describe('text', () => {
  it('says what it is, what it read, and how to get a real provider', async () => {
    const reply = await answerTo('Why is the sky blue?');
    expect(textOf(reply)).toContain('demo provider');
    expect(textOf(reply)).toContain('> Why is the sky blue?');
    expect(textOf(reply)).toContain('ANTHROPIC_API_KEY');
    expect(reply.stopReason).toBe('end-turn');
  });

  it('answers the same request in the same words', async () => {
    expect(textOf(await answerTo('Hi.'))).toBe(textOf(await answerTo('Hi.')));
    expect(textOf(await answerTo('Hi.'))).not.toBe(textOf(await answerTo('Ho.')));
  });

  it('does not take a client’s reminders for the user’s words', async () => {
    const text = '<system-reminder>Use the tool Read.</system-reminder>Hello there.';
    const reply = await answerTo(text, { tools: [READ] });
    expect(calls(reply)).toEqual([]);
    expect(textOf(reply)).toContain('> Hello there.');
    expect(textOf(reply)).not.toContain('system-reminder');
  });

  it.each([
    ['reminders that nothing closes', '<system-reminder>'.repeat(60_000)],
    ['quotes that nothing closes', `use ${'“'.repeat(200_000)} Read`],
    ['a name that is all dots', `use ${'.'.repeat(200_000)}a`],
  ])('takes time by the length of a text, not by its square: %s', async (_name, text) => {
    const startedAt = process.cpuUsage();
    await answerTo(text, { tools: [READ], toolChoice: { type: 'required' } });
    expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(5_000);
  });

  it('counts tokens, reasoning apart', async () => {
    const { usage } = await answerTo('Think about it.');
    expect(usage?.promptTokens).toBeGreaterThan(0);
    expect(usage?.completionTokens).toBeGreaterThan(usage?.reasoningTokens ?? Number.POSITIVE_INFINITY);
    expect(usage?.reasoningTokens).toBeGreaterThan(0);
  });
});

describe('reasoning', () => {
  it.each<[string, Partial<ChatRequest>, boolean]>([
    ['Hi.', {}, false],
    ['Think first.', {}, true],
    ['Hi.', { reasoning: { mode: 'adaptive' } }, true],
    ['Hi.', { reasoning: { effort: 'low' } }, true],
    ['Think first.', { reasoning: { mode: 'disabled' } }, false],
    ['Think first.', { reasoning: { effort: 'none' } }, false],
    ['Hi.', { reasoning: { mode: 'adaptive', display: 'omitted' } }, false],
  ])('%j with %j: %j', async (text, more, expected) => {
    const { content } = await answerTo(text, more);
    expect(content[0]?.type === 'reasoning').toBe(expected);
  });

  it('comes without any state, which would have to be made up', async () => {
    const [first] = (await answerTo('Think.')).content;
    expect(first).not.toHaveProperty('state');
  });
});

describe('tool calls', () => {
  it.each<[string, [string, JsonObject][]]>([
    ['/tool Read {"file_path": "a}.txt", "limit": 2}', [['Read', { file_path: 'a}.txt', limit: 2 }]]],
    ['Please use the tool Read with {"file_path":"b"} now.', [['Read', { file_path: 'b' }]]],
    ['Call Read on `src/a.ts`', [['Read', { file_path: 'src/a.ts', limit: 1 }]]],
    ['use the Read tool', [['Read', { file_path: 'signalbox-demo.txt', limit: 1 }]]],
    ['Run Read.', [['Read', { file_path: 'signalbox-demo.txt', limit: 1 }]]],
    [
      'call Read {"file_path":"x"} and Grep, then Read {"file_path":"y"}',
      [
        ['Read', { file_path: 'x' }],
        ['Grep', {}],
        ['Read', { file_path: 'y' }],
      ],
    ],
    ['/tool Missing {}', []],
    ['Read is a nice word.', []],
    ['call readers', []],
  ])('%j', async (text, expected) => {
    const reply = await answerTo(text, { tools: [READ, GREP] });
    expect(calls(reply)).toEqual(expected);
    expect(reply.stopReason).toBe(expected.length > 0 ? 'tool-call' : 'end-turn');
  });

  it('gives every call an id of its own, in each reply', async () => {
    const idsOf = ({ content }: ChatReply) =>
      content.flatMap((block) => (block.type === 'tool-call' ? [block.id] : []));
    const ids = [...idsOf(await answerTo('call Read and Read', { tools: [READ] }))];
    ids.push(...idsOf(await answerTo('call Read and Read', { tools: [READ] })));
    expect(new Set(ids).size).toBe(4);
  });

  it('F65 obeys the tool choice and the wish for one call at most', async () => {
    const tools = [READ, GREP];
    const ask = async (text: string, more: Partial<ChatRequest>) =>
      calls(await answerTo(text, { tools, ...more })).map(([name]) => name);
    expect(await ask('call Read', { toolChoice: { type: 'none' } })).toEqual([]);
    expect(await ask('Hi.', { toolChoice: { type: 'required' } })).toEqual(['Read']);
    expect(await ask('Hi.', { toolChoice: { type: 'tool', name: 'Grep' } })).toEqual(['Grep']);
    const allowed = { type: 'allowed', names: ['Grep'] } as const;
    expect(await ask('call Read and Grep', { toolChoice: { ...allowed, mode: 'auto' } })).toEqual(['Grep']);
    expect(await ask('Hi.', { toolChoice: { ...allowed, mode: 'required' } })).toEqual(['Grep']);
    expect(await ask('call Read and Grep', { parallelToolCalls: false })).toEqual(['Read']);
  });

  it('quotes what the tools answered, by name, and calls no further', async () => {
    const call: Block = { type: 'tool-call', id: '1', name: 'Read', input: {} };
    const reply = await answerTo('', {
      tools: [READ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'call Read' }] },
        { role: 'assistant', content: [call, { ...call, id: '2', name: 'Grep' }] },
        {
          role: 'user',
          content: [
            { type: 'tool-result', callId: '2', content: [{ type: 'text', text: 'no match' }], isError: true },
            { type: 'tool-result', callId: '1', content: [{ type: 'text', text: 'line one\nline two' }] },
          ],
        },
      ],
    });
    expect(textOf(reply)).toContain('Read answered:\n\n> line one\n> line two');
    expect(textOf(reply)).toContain('Grep failed:\n\n> no match');
    expect(calls(reply)).toEqual([]);
  });
});

describe('structured output', () => {
  it('F62 answers Claude Code’s title request with JSON that fits', async () => {
    const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
    const reply = await answerTo('<session>hi</session>', { responseFormat: { type: 'json-schema', schema } });
    expect(JSON.parse(textOf(reply))).toEqual({ title: expect.any(String) });
  });

  it('answers with any object where no schema is given', async () => {
    expect(JSON.parse(textOf(await answerTo('Hi.', { responseFormat: { type: 'json-object' } })))).toEqual(
      expect.any(Object),
    );
  });
});

describe('limits', () => {
  it('F67 ends before a stop sequence', async () => {
    const reply = await answerTo('Hi.', { stopSequences: ['provider', 'never said'] });
    expect(textOf(reply)).toBe('This is Signalbox’s demo ');
    expect(reply).toMatchObject({ stopReason: 'stop-sequence', stopSequence: 'provider' });
  });

  it('ends at the token limit', async () => {
    const reply = await answerTo('Hi.', { maxOutputTokens: 2 });
    expect(reply).toMatchObject({ stopReason: 'max-tokens', usage: { completionTokens: 2 } });
    expect(textOf(reply)).toBe('This is ');
  });

  it('F11 leaves a tool call out that does not fit', async () => {
    const reply = await answerTo('call Read', { tools: [READ], maxOutputTokens: 12 });
    expect(calls(reply)).toEqual([]);
    expect(reply.stopReason).toBe('max-tokens');
  });

  it('says nothing at a limit of 0', async () => {
    expect(await answerTo('Hi.', { maxOutputTokens: 0 })).toMatchObject({ content: [], stopReason: 'max-tokens' });
  });
});

describe('streams', () => {
  const request = prompt('Think, then call Read {"file_path":"😀"}', { tools: [READ], stream: true });

  it('give what a whole reply says, in several pieces', async () => {
    const provider = await create();
    const reply = await ask(provider, request);
    const batches: (readonly StreamEvent[])[] = [];
    if (reply.kind === 'stream') for await (const batch of reply.events) batches.push(batch);
    expect(batches.length).toBeGreaterThan(4);
    checkGrammar(batches.flat());
    const whole = await collectReply(await ask(provider, { ...request, stream: false }));
    const streamed = await collectReply({ kind: 'stream', events: yieldAll(batches) });
    const withoutIds = ({ content, ...rest }: ChatReply) => ({
      ...rest,
      content: content.map((block) => (block.type === 'tool-call' ? { ...block, id: '' } : block)),
    });
    expect(withoutIds(streamed)).toEqual(withoutIds(whole));
  });

  it('take their time', async () => {
    const start = performance.now();
    await collectReply(await ask(await create({ chunkDelayMs: 20 }), request));
    expect(performance.now() - start).toBeGreaterThan(60);
  });

  it('F37 end at once when the client leaves', async () => {
    const leaving = new AbortController();
    const reply = await ask(await create({ chunkDelayMs: 3_600_000 }), request, leaving.signal);
    setTimeout(() => leaving.abort(), 20);
    await expect(collectReply(reply)).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  it('F37 do not begin for a client that has left', async () => {
    const provider = await create();
    await expect((async () => ask(provider, request, AbortSignal.abort()))()).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
  });
});

it('shows its models, and takes another name', async () => {
  const host = await applyPlugin(demo, { name: 'toy', models: ['a', 'b'], chunkDelayMs: 0 });
  expect(host.providers.get('toy')?.models?.()).toEqual([{ id: 'a' }, { id: 'b' }]);
});

async function* yieldAll(batches: readonly (readonly StreamEvent[])[]): AsyncGenerator<readonly StreamEvent[]> {
  yield* batches;
}
