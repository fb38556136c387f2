import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest, Effort, JsonObject, Message } from '@signalbox/kit';
import { encode, testRequest, testTarget } from '../test/context.ts';
import { ollama } from './index.ts';

const text = (said: string): Block => ({ type: 'text', text: said });
const png = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBOR' } } as const;
const user = (...content: Block[]): Message => ({ role: 'user', content });
const messagesOf = (...messages: Message[]) => {
  const { body, notes } = encode(testRequest({ messages }));
  return { messages: body.messages as JsonObject[], notes };
};

describe('messages', () => {
  it('F48 have one system message, without the billing header', () => {
    const system = ['x-anthropic-billing-header: cc=1', 'You are.', 'Be brief.'];
    const { body, notes } = encode(testRequest({ system: system.map((said) => ({ type: 'text', text: said })) }));
    expect(body.messages).toEqual([
      { role: 'system', content: 'You are.\n\nBe brief.' },
      { role: 'user', content: 'Hello' },
    ]);
    expect(notes).toEqual(['mapped system[0]']);
    const prompt = 'x-anthropic-billing-header: cc=1\nYou are.';
    const whole = encode(testRequest({ system: [{ type: 'text', text: prompt }] }));
    expect(whole.body.messages).toMatchObject([{ content: prompt }, { role: 'user' }]);
    expect(whole.notes).toEqual([]);
  });

  it('F42 F83 F51 say in words what the wire cannot hold', () => {
    const url = { type: 'image', source: { type: 'url', url: 'https://x/y.png' } } as const;
    const pdf = {
      type: 'document',
      title: 'a.pdf',
      source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
    } as const;
    const plain = { type: 'document', title: 'b', source: { type: 'text', text: 'B.' } } as const;
    const { messages, notes } = messagesOf(
      user({ type: 'text', text: 'See', cacheControl: {} }, png, text('and'), url, pdf, plain),
    );
    expect(messages).toEqual([
      {
        role: 'user',
        content:
          'See\n\nand\n\n[Image at https://x/y.png]\n\n[a.pdf (application/pdf) was here, which this model cannot read.]\n\n# b\nB.',
        images: ['iVBOR'],
      },
    ]);
    expect(notes).toEqual([
      'mapped messages[0].content[0].cacheControl',
      'approximated messages[0].content[3]',
      'dropped messages[0].content[4]',
      'mapped messages[0].content[5]',
      'approximated messages[0].content[2]',
    ]);
  });

  it('refuses a file that only another provider can read', () => {
    const file = { type: 'image', source: { type: 'file', fileId: 'f', format: 'anthropic-messages' } } as const;
    expect(() => messagesOf(user(file))).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  it('F49 have results in the order of the calls, then their images, then what else the user says', () => {
    const call = (id: string): Block => ({ type: 'tool-call', id, name: 'shot', input: {} });
    const result = (callId: string, ...content: Block[]): Block => ({ type: 'tool-result', callId, content });
    const { messages, notes } = messagesOf(
      user(text('Go')),
      { role: 'assistant', content: [call('a'), call('b')] },
      user(text('Now?'), result('b', text('B')), result('a', text('A'), png)),
    );
    expect(messages.slice(2)).toEqual([
      { role: 'tool', tool_name: 'shot', tool_call_id: 'a', content: 'A\n[An image, attached below]' },
      { role: 'tool', tool_name: 'shot', tool_call_id: 'b', content: 'B' },
      { role: 'user', content: '[An image, from the result of shot, call a]\n\nNow?', images: ['iVBOR'] },
    ]);
    expect(notes).toEqual(['mapped messages[2].content[2]']);
  });

  it('F73 F76 give reasoning back to its origin, or where nobody knows it, and to nobody else', () => {
    const reasoning = (said: string, origin?: string): Block => ({
      type: 'reasoning',
      text: said,
      ...(origin === undefined ? {} : { state: { origin, data: 'sig' } }),
    });
    const { messages, notes } = messagesOf(
      user(text('a')),
      {
        role: 'assistant',
        content: [reasoning('own', 'ollama'), reasoning('foreign', 'anthropic'), reasoning('unknown'), text('b')],
      },
      user(text('c')),
    );
    expect(messages[1]).toEqual({ role: 'assistant', content: 'b', thinking: 'own\n\nunknown' });
    expect(notes).toEqual(['dropped messages[1].content[1]']);
  });

  it.each<[string, Block, JsonObject, string[]]>([
    ['an object', { type: 'tool-call', id: 'i', name: 'n', input: { a: 1 }, rawInput: '{"a":1}' }, { a: 1 }, []],
    ['nothing', { type: 'tool-call', id: 'i', name: 'n', input: {}, rawInput: '' }, {}, []],
    [
      'a list',
      { type: 'tool-call', id: 'i', name: 'n', input: [1], rawInput: '[1]' },
      { value: [1] },
      ['approximated messages[1].content[0].input'],
    ],
    [
      'broken JSON',
      { type: 'tool-call', id: 'i', name: 'n', input: {}, rawInput: '{"a' },
      { _raw: '{"a' },
      ['approximated messages[1].content[0].input'],
    ],
  ])('F11 have arguments that are %s as an object', (_name, block, expected, expectedNotes) => {
    const { messages, notes } = messagesOf(user(text('a')), { role: 'assistant', content: [block] }, user(text('b')));
    expect(messages[1]?.tool_calls).toEqual([{ id: 'i', function: { name: 'n', arguments: expected } }]);
    expect(notes).toEqual(expectedNotes);
  });

  it('F58 have names of tools that the provider takes, in calls, results and definitions alike', () => {
    const name = 'mcp/server:tool';
    const target = testTarget();
    const request = testRequest({
      tools: [{ type: 'function', name }],
      messages: [
        user(text('a')),
        { role: 'assistant', content: [{ type: 'tool-call', id: 'i', name, input: {} }] },
        user({ type: 'tool-result', callId: 'i', content: [] }),
      ],
    });
    const wire = JSON.stringify(ollama.encodeRequest(request, target));
    const alias = target.toolNames.alias(name);
    expect(wire.split(JSON.stringify(alias))).toHaveLength(4);
    expect(wire).not.toContain(name);
  });
});

describe('tools', () => {
  const tools: ChatRequest['tools'] = [
    { type: 'function', name: 'a', strict: true },
    { type: 'function', name: 'b' },
    { type: 'opaque', format: 'anthropic-messages', name: 'web_search', value: { type: 'web_search_20250305' } },
  ];
  const names = ({ tools: sent }: JsonObject) =>
    (sent as JsonObject[] | undefined)?.map(({ function: fn }) => (fn as JsonObject).name);

  it.each<[ChatRequest['toolChoice'], string[] | undefined, string | undefined, string[]]>([
    [undefined, ['a', 'b'], undefined, []],
    [{ type: 'auto' }, ['a', 'b'], undefined, []],
    [{ type: 'none' }, undefined, undefined, ['mapped toolChoice']],
    [
      { type: 'required' },
      ['a', 'b'],
      'Answer by calling one of the tools, not with text.',
      ['approximated toolChoice'],
    ],
    [
      { type: 'tool', name: 'b' },
      ['b'],
      'Answer by calling the tool b, not with text.',
      ['mapped toolChoice', 'approximated toolChoice'],
    ],
    [{ type: 'allowed', mode: 'auto', names: ['a'] }, ['a'], undefined, ['mapped toolChoice']],
    [{ type: 'tool', name: 'gone' }, undefined, undefined, ['mapped toolChoice', 'dropped toolChoice']],
  ])('F65 F91 with the choice %j are %j', (toolChoice, expected, instruction, expectedNotes) => {
    const { body, notes } = encode(testRequest({ tools, ...(toolChoice === undefined ? {} : { toolChoice }) }));
    expect(names(body)).toEqual(expected);
    const [first] = body.messages as JsonObject[];
    expect(first?.role === 'system' ? first.content : undefined).toBe(instruction);
    expect(notes.filter((note) => note.endsWith('toolChoice'))).toEqual(expectedNotes);
    if (expected?.includes('a')) expect(notes).toContain('dropped tools[0].strict');
    if (expected !== undefined && expected.length > 1) expect(notes).toContain('dropped tools[2]');
  });

  it('F62 note that what is held to a format calls none, and that there is no switch for parallel calls', () => {
    const responseFormat = { type: 'json-schema', schema: { type: 'object' } } as const;
    const { body, notes } = encode(
      testRequest({ tools: [{ type: 'function', name: 'b' }], responseFormat, parallelToolCalls: false }),
    );
    expect(body.format).toEqual({ type: 'object' });
    expect(notes).toEqual(['dropped parallelToolCalls', 'approximated responseFormat']);
  });
});

describe('reasoning', () => {
  it.each<[ChatRequest['reasoning'], unknown, string[]]>([
    [{ mode: 'adaptive' }, true, []],
    [{ mode: 'disabled' }, false, []],
    [{ effort: 'none' }, false, []],
    [{ effort: 'minimal' }, 'low', ['approximated reasoning.effort']],
    [{ mode: 'adaptive', effort: 'medium' }, 'medium', []],
    [{ effort: 'xhigh' satisfies Effort }, 'max', ['approximated reasoning.effort']],
    [{ mode: 'budget', budgetTokens: 8_000 }, 'medium', ['approximated reasoning.budgetTokens']],
    [{ display: 'omitted' }, undefined, ['dropped reasoning.display']],
  ])('F60 %j is %j', (reasoning, expected, expectedNotes) => {
    const { body, notes } = encode(testRequest(reasoning === undefined ? {} : { reasoning }));
    expect(body.think).toEqual(expected);
    expect(notes).toEqual(expectedNotes);
  });
});

it('F67 notes what only other formats have, and who the user is', () => {
  const { body, notes } = encode(testRequest({ userId: 'u', extensions: { 'openai-chat': { logit_bias: {} } } }));
  expect(notes).toEqual(['dropped logit_bias', 'mapped userId']);
  expect(body).toEqual({ model: 'target-model', stream: false, messages: [{ role: 'user', content: 'Hello' }] });
});
