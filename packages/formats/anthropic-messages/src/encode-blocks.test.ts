import { describe, expect, it } from '@jest/globals';
import type { Block, ReasoningBlock } from '@signalbox/kit';
import { encode, request } from '../test/support.ts';
import { anthropicMessages } from './index.ts';

function sent(
  block: Block,
  role: 'user' | 'assistant' = 'user',
  format = anthropicMessages.with({}),
  origin = 'anthropic',
) {
  const messages = [
    { role: 'user' as const, content: [{ type: 'text' as const, text: 'a' }] },
    { role, content: [block, { type: 'text' as const, text: 'z' }] },
    { role: 'user' as const, content: [{ type: 'text' as const, text: 'b' }] },
  ];
  const { body, notes } = encode(request({ messages }), { reasoningOrigin: origin }, format);
  const wire = (body.messages as { content: unknown[] }[]).flatMap(({ content }) => content);
  return { block: wire.length === 4 ? wire[1] : undefined, notes };
}

const thinking = (state?: ReasoningBlock['state'], redacted?: boolean): ReasoningBlock => ({
  type: 'reasoning',
  text: 'hm',
  ...(state === undefined ? {} : { state }),
  ...(redacted === undefined ? {} : { redacted }),
});

describe('reasoning blocks', () => {
  it('F75 go back to their origin with the very signature', () => {
    expect(sent(thinking({ origin: 'anthropic', data: 'sig' }), 'assistant').block).toEqual({
      type: 'thinking',
      thinking: 'hm',
      signature: 'sig',
    });
    expect(sent(thinking({ origin: 'anthropic', data: 'sig' }, true), 'assistant').block).toEqual({
      type: 'redacted_thinking',
      data: 'sig',
    });
  });

  it.each([
    ['of another origin', thinking({ origin: 'deepseek', data: 'x' })],
    ['without state', thinking()],
    ['with an empty signature', thinking({ origin: 'anthropic', data: '' })],
    ['of which only the origin is known', thinking({ origin: 'anthropic', data: {} })],
    ['redacted elsewhere', thinking({ origin: 'openai', data: 'x' }, true)],
  ])('F73 are dropped and noted: %s', (_, block) => {
    expect(sent(block, 'assistant')).toEqual({ block: undefined, notes: ['messages[1].content[0] dropped'] });
  });

  it('F70 go back unsigned to a server that signs nothing', () => {
    const own = sent(thinking({ origin: 'deepseek', data: '' }), 'assistant', anthropicMessages, 'deepseek');
    expect(own).toEqual({ block: { type: 'thinking', thinking: 'hm', signature: '' }, notes: [] });
    const unsigned = anthropicMessages.with({ unsignedThinking: true, redactedThinking: false });
    expect(sent(thinking({ origin: 'deepseek', data: {} }), 'assistant', unsigned, 'deepseek')).toEqual(own);
    const unknown = sent(thinking(), 'assistant', unsigned, 'deepseek');
    expect(unknown).toEqual({ block: own.block, notes: ['messages[1].content[0] mapped'] });
    expect(sent(thinking({ origin: 'deepseek', data: 'x' }, true), 'assistant', unsigned, 'deepseek').notes).toEqual([
      'messages[1].content[0] dropped',
    ]);
  });

  it.each([
    ['of another origin', thinking({ origin: 'anthropic', data: 'sig' })],
    ['redacted elsewhere', thinking({ origin: 'anthropic', data: 'sig' }, true)],
  ])('F70 F73 leave an empty one where a server wants some: %s', (_, block) => {
    const dropped = ['messages[1].content[0] dropped'];
    const careless = anthropicMessages.with({ unsignedThinking: true });
    expect(sent(block, 'assistant', careless, 'deepseek')).toEqual({ block: undefined, notes: dropped });
    const strict = anthropicMessages.with({ unsignedThinking: true, noThinking: '' });
    const empty = { type: 'thinking', thinking: '', signature: '' };
    expect(sent(block, 'assistant', strict, 'deepseek')).toEqual({ block: empty, notes: dropped });
  });
});

describe('tool calls', () => {
  const call = (input: never, rawInput?: string): Block => ({
    type: 'tool-call',
    id: 'a',
    name: 'f',
    input,
    ...(rawInput === undefined ? {} : { rawInput }),
  });

  it('wraps input that is no object and keeps text that is no JSON', () => {
    const messages = (block: Block) => [{ role: 'assistant' as const, content: [block] }];
    const wire = (block: Block) =>
      encode(request({ messages: messages(block) })).body.messages as { content: { input: unknown }[] }[];
    expect(wire(call([1] as never))[1]?.content[0]?.input).toEqual({ value: [1] });
    expect(wire(call(null as never))[1]?.content[0]?.input).toEqual({});
    expect(wire(call({} as never, '{"a":'))[1]?.content[0]?.input).toEqual({ _raw: '{"a":' });
    expect(wire(call({} as never, '{}'))[1]?.content[0]?.input).toEqual({});
    expect(wire(call({ a: 1 } as never))[1]?.content[0]?.input).toEqual({ a: 1 });
  });
});

describe('media', () => {
  it('splits data URLs, base64 or not', () => {
    expect(sent({ type: 'image', source: { type: 'url', url: 'data:image/png;base64,AAAA' } }).block).toEqual({
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: 'AAAA' },
    });
    expect(sent({ type: 'document', source: { type: 'url', url: 'data:text/plain,a%20b' } }).block).toEqual({
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'a b' },
    });
  });

  it('puts a note in the place of an image type that is not taken', () => {
    const { block, notes } = sent({ type: 'image', source: { type: 'base64', mediaType: 'image/tiff', data: 'AA' } });
    expect(block).toMatchObject({ type: 'text' });
    expect(notes).toEqual(['messages[1].content[0] approximated']);
  });

  it.each<Block>([
    { type: 'image', source: { type: 'file', fileId: 'f', format: 'openai-chat' } },
    { type: 'document', source: { type: 'file', fileId: 'f', format: 'openai-chat' } },
    { type: 'document', source: { type: 'base64', mediaType: 'application/zip', data: 'AA' } },
  ])('refuses what nobody here can read: %j', (block) => {
    expect(() => sent(block)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', status: 400 }));
  });

  it('F51 turns documents into text for servers that take none, and says where a PDF stood', () => {
    const plain = anthropicMessages.with({ documents: false });
    const source = { type: 'text', text: 'words' } as const;
    expect(sent({ type: 'document', source, title: 'T' }, 'user', plain)).toEqual({
      block: { type: 'text', text: 'T\nwords' },
      notes: ['messages[1].content[0] approximated'],
    });
    const pdf = { type: 'base64', mediaType: 'application/pdf', data: 'AA' } as const;
    expect(sent({ type: 'document', source: pdf, title: 'T' }, 'user', plain)).toEqual({
      block: { type: 'text', text: 'T\n[A document stood here, which this model cannot read.]' },
      notes: ['messages[1].content[0] dropped'],
    });
  });

  it('notes blocks of other formats and blocks that a role cannot hold', () => {
    expect(sent({ type: 'opaque', format: 'openai-chat', value: { type: 'audio' } }).notes).toEqual([
      'messages[1].content[0] dropped',
    ]);
    const image: Block = { type: 'image', source: { type: 'url', url: 'https://example.test/a.png' } };
    expect(sent(image, 'assistant').notes).toEqual(['messages[1].content[0] dropped']);
  });
});
