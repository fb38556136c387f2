import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest } from '@signalbox/spec';
import { type Capability, needsCapability } from './request-needs.ts';

const request = (more: Partial<ChatRequest>): ChatRequest => ({
  model: 'm',
  stream: false,
  system: [],
  messages: [],
  tools: [],
  ...more,
});
const user = (...content: readonly Block[]): Partial<ChatRequest> => ({ messages: [{ role: 'user', content }] });
const text: Block = { type: 'text', text: 'image document web_search' };
const image: Block = { type: 'image', source: { type: 'url', url: 'https://host.example/a.png' } };
const pdf: Block = { type: 'document', source: { type: 'url', url: 'https://host.example/a.pdf' } };
const pages: Block = { type: 'document', source: { type: 'content', content: [image] } };
const result = (...content: readonly Block[]): Block => ({ type: 'tool-result', callId: 'c', content });
const search = { type: 'opaque', format: 'f', value: { type: 'web_search_20250305' } } as const;

describe('needsCapability', () => {
  it.each<[Capability, string, Partial<ChatRequest>, boolean]>([
    ['images', 'text', user(text), false],
    ['images', 'in a message', user(text, image), true],
    ['images', 'in a tool result', user(result(image)), true],
    ['images', 'in a document', user(result(pages)), true],
    ['images', 'a document', user(pdf), false],
    ['documents', 'in a tool result', user(result(pdf)), true],
    ['documents', 'an image', user(image), false],
    ['tools', 'none', {}, false],
    ['tools', 'a function', { tools: [{ type: 'function', name: 'f' }] }, true],
    ['tools', 'a client’s tool without a schema', { tools: [{ ...search, value: { type: 'bash_1' } }] }, true],
    ['tools', 'a web search', { tools: [search] }, false],
    ['webSearch', 'a web search', { tools: [search] }, true],
    ['webSearch', 'of a vendor', { tools: [{ ...search, value: { type: 'vendor:web_search' } }] }, true],
    ['webSearch', 'as a key', { tools: [{ ...search, value: { googleSearch: {} } }] }, true],
    ['webSearch', 'as an option', { extensions: { f: { web_search_options: {} } } }, true],
    ['webSearch', 'a function of that name', { tools: [{ type: 'function', name: 'web_search' }] }, false],
    ['structuredOutput', 'none', {}, false],
    ['structuredOutput', 'a schema', { responseFormat: { type: 'json-schema', schema: {} } }, true],
    ['reasoning', 'not said', {}, false],
    ['reasoning', 'adaptive', { reasoning: { mode: 'adaptive' } }, true],
    ['reasoning', 'disabled, with an effort', { reasoning: { mode: 'disabled', effort: 'high' } }, false],
    ['reasoning', 'an effort', { reasoning: { effort: 'low' } }, true],
    ['reasoning', 'hardly an effort', { reasoning: { effort: 'minimal' } }, false],
    ['reasoning', 'a switch', { extensions: { f: { chat_template_kwargs: { enable_thinking: true } } } }, true],
    ['reasoning', 'another’s switch', { extensions: { f: { chat_template_kwargs: { thinking: true } } } }, true],
    ['reasoning', 'off', { extensions: { f: { chat_template_kwargs: { enable_thinking: false } } } }, false],
    ['reasoning', 'odd', { extensions: { f: { chat_template_kwargs: ['enable_thinking'] } } }, false],
    ['prefill', 'a user’s turn', user(text), false],
    ['prefill', 'a turn that is begun', { messages: [{ role: 'assistant', content: [text] }] }, true],
  ])('%s: %s', (capability, _, more, expected) => {
    expect(needsCapability(request(more), capability)).toBe(expected);
  });
});
