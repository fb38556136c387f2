import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest, Tool } from '@signalbox/spec';
import { estimatePromptTokens } from './token-estimate.ts';

const LONG = 'another word here '.repeat(300);
const BASE: ChatRequest = { model: 'm', stream: false, system: [], messages: [], tools: [] };

const withBlocks = (...content: Block[]) => estimatePromptTokens({ ...BASE, messages: [{ role: 'user', content }] });
const withTool = (tool: Tool) => estimatePromptTokens({ ...BASE, tools: [tool] });

describe('estimatePromptTokens', () => {
  const empty = withBlocks();

  it('is about one token for a word of English', () => {
    expect(withBlocks({ type: 'text', text: LONG })).toBeGreaterThan(850);
    expect(withBlocks({ type: 'text', text: LONG })).toBeLessThan(950);
  });

  it('F27 counts the system prompt', () => {
    expect(estimatePromptTokens({ ...BASE, system: [{ type: 'text', text: LONG }] })).toBeGreaterThan(800);
  });

  it('F27 counts tools: names, descriptions, schemas, vendor tools', () => {
    const named = withTool({ type: 'function', name: 'a' });
    expect(named).toBeGreaterThan(0);
    expect(withTool({ type: 'function', name: 'a', description: LONG })).toBeGreaterThan(named + 800);
    const inputSchema = { type: 'object', properties: { a: { type: 'string', description: LONG } } };
    expect(withTool({ type: 'function', name: 'a', inputSchema })).toBeGreaterThan(named + 800);
    expect(withTool({ type: 'opaque', format: 'f', value: { prompt: LONG } })).toBeGreaterThan(800);
  });

  it.each<[string, Block]>([
    ['text', { type: 'text', text: LONG }],
    ['reasoning', { type: 'reasoning', text: LONG }],
    ['tool call input', { type: 'tool-call', id: 'i', name: 'n', input: { a: LONG } }],
    ['tool call text', { type: 'tool-call', id: 'i', name: 'n', input: {}, rawInput: LONG }],
    ['tool result', { type: 'tool-result', callId: 'i', content: [{ type: 'text', text: LONG }] }],
    [
      'an image in a tool result',
      {
        type: 'tool-result',
        callId: 'i',
        content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } }],
      },
    ],
    ['image', { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
    ['text document', { type: 'document', source: { type: 'text', text: LONG } }],
    ['block document', { type: 'document', source: { type: 'content', content: [{ type: 'text', text: LONG }] } }],
    ['PDF', { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'A'.repeat(120_000) } }],
    ['the title of a document', { type: 'document', title: LONG, source: { type: 'text', text: '' } }],
    ['what a client says about a document', { type: 'document', context: LONG, source: { type: 'text', text: '' } }],
    ['linked document', { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } }],
    ['vendor block', { type: 'opaque', format: 'f', value: { text: LONG } }],
  ])('F27 counts a block: %s', (_name, block) => {
    expect(withBlocks(block)).toBeGreaterThan(empty + 800);
  });

  it('F27 counts the schema that the answer has to follow', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', description: LONG } } };
    expect(estimatePromptTokens({ ...BASE, responseFormat: { type: 'json-schema', schema } })).toBeGreaterThan(800);
  });

  it('counts JSON about as the text that it is printed as', () => {
    const input = {
      path: 'src/index.ts',
      lines: [1, 2, 300],
      nested: { deep: [null, true, { x: 'a b c' }] },
      all: false,
    };
    const call = { type: 'tool-call', id: 'i', name: 'edit' } as const;
    const walked = withBlocks({ ...call, input: { list: Array(40).fill(input) } });
    const printed = withBlocks({ ...call, input: {}, rawInput: JSON.stringify({ list: Array(40).fill(input) }) });
    expect(Math.abs(walked / printed - 1)).toBeLessThan(0.12);
  });

  it('does not take the bytes of an image for text', () => {
    const image = (data: string) =>
      withBlocks({ type: 'image', source: { type: 'base64', mediaType: 'image/png', data } });
    expect(image('A'.repeat(1_000_000))).toBe(image('A'));
  });

  it('is a whole number, and each message costs something', () => {
    const message = { role: 'user', content: [{ type: 'text', text: 'x' }] } as const;
    const one = estimatePromptTokens({ ...BASE, messages: [message] });
    const two = estimatePromptTokens({ ...BASE, messages: [message, message] });
    expect([Number.isInteger(one), Number.isInteger(two), two > one]).toEqual([true, true, true]);
  });
});
