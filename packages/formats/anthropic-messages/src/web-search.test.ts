import { describe, expect, it } from '@jest/globals';
import { type Block, type ChatRequest, messageToEvents, type OpaqueTool, type WebSearch } from '@signalbox/kit';
import { client, decodeRequest, encode, frames, request } from '../test/support.ts';
import { anthropicMessages } from './format.ts';

const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const searching = anthropicMessages.with({ webSearch: true });
const foreign = (webSearch: WebSearch, name = 'googleSearch'): OpaqueTool => ({
  type: 'opaque',
  format: 'another',
  name,
  value: {},
  webSearch,
});
const sent = (more: Partial<ChatRequest>) => encode(request(more), {}, searching);
const decoded = (tool: object) =>
  decodeRequest({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }], tools: [tool as never] })
    .tools;

describe('F91 the web search', () => {
  it('says in no format’s words what is asked for', () => {
    const location = { type: 'approximate', city: 'Oslo', timezone: 'Europe/Oslo' };
    const all = {
      max_uses: 3,
      allowed_domains: ['a'],
      blocked_domains: [],
      user_location: location,
      response_inclusion: 'x',
    };
    expect(decoded({ ...SEARCH, type: 'web_search_20260318', ...all })).toMatchObject([
      {
        webSearch: {
          maxUses: 3,
          allowedDomains: ['a'],
          userLocation: { city: 'Oslo', timezone: 'Europe/Oslo' },
          others: ['response_inclusion'],
        },
      },
    ]);
    expect(decoded({ type: 'web_fetch_20250910', name: 'web_fetch' })[0]).not.toHaveProperty('webSearch');
  });

  it('of another format is the tool, with the choice that names it', () => {
    const search = { maxUses: 2, blockedDomains: ['b'], userLocation: { country: 'NO' }, contextSize: 'low' } as const;
    const { body, notes } = sent({ tools: [foreign(search)], toolChoice: { type: 'tool', name: 'googleSearch' } });
    expect(body.tools).toEqual([
      { ...SEARCH, max_uses: 2, blocked_domains: ['b'], user_location: { type: 'approximate', country: 'NO' } },
    ]);
    expect(body.tool_choice).toEqual({ type: 'tool', name: 'web_search' });
    expect(notes).toEqual(['tools[0] mapped', 'tools[0].contextSize dropped']);
  });

  it('has one list of domains, one name, and a server that has it', () => {
    const lists = sent({ tools: [foreign({ allowedDomains: ['a'], blockedDomains: ['b'] })] });
    expect(lists.body.tools).toEqual([{ ...SEARCH, allowed_domains: ['a'] }]);
    expect(lists.notes).toEqual(['tools[0] mapped', 'tools[0].blockedDomains dropped']);
    const twice = sent({ tools: [foreign({}), foreign({}, 'other')] });
    expect([twice.body.tools, twice.notes]).toEqual([[SEARCH], ['tools[0] mapped', 'tools[1] dropped']]);
    const taken = sent({ tools: [foreign({}), { type: 'function', name: 'web_search' }] });
    expect(taken.body.tools).toMatchObject([{ input_schema: {} }]);
    expect(taken.notes).toEqual(['tools[0] dropped']);
    const without = encode(request({ tools: [foreign({})], toolChoice: { type: 'tool', name: 'googleSearch' } }));
    expect(without.body).not.toHaveProperty('tools');
    expect(without.body).not.toHaveProperty('tool_choice');
    expect(without.notes).toEqual(['tools[0] dropped', 'toolChoice dropped']);
  });
});

describe('what another provider found', () => {
  const page = { url: 'https://a.example', title: 'A', quote: 'words' };
  const delta = { type: 'x', $citations: [page, { url: 'https://b.example', start: 0, end: 1 }] };
  const content: Block[] = [
    { type: 'opaque', format: 'another', value: { type: 'call' }, webSearch: { query: 'q' } },
    { type: 'text', text: 'It rains.', extensions: { another: { deltas: [delta, { type: 'odd' }] } } },
  ];
  const reply = { content, stopReason: 'end-turn' } as const;
  const asked = request({ tools: [{ ...foreign({}), format: 'anthropic-messages', value: SEARCH }] });
  const result = { type: 'web_search_result', page_age: null };
  const location = { type: 'web_search_result_location' };
  const told = [
    {
      type: 'text',
      text: 'It rains.',
      citations: [
        { ...location, url: page.url, title: 'A', cited_text: 'words' },
        { ...location, url: 'https://b.example', title: null, cited_text: '' },
      ],
    },
    { type: 'server_tool_use', name: 'web_search', input: { query: 'q' } },
    {
      type: 'web_search_tool_result',
      content: [
        { ...result, url: page.url, title: 'A' },
        { ...result, url: 'https://b.example', title: 'https://b.example' },
      ],
    },
  ];
  const notes = ['content[1] dropped', 'content[1] approximated'];
  const whole = (from: ChatRequest) => {
    const context = client({ request: from });
    const body = anthropicMessages.encodeReply(reply, context);
    return { content: body.content, notes: context.notes.list.map(({ path, action }) => `${path} ${action}`) };
  };

  it('is told as citations, and as a search that the client asked for', () => {
    expect(whole(asked).content).toMatchObject(told);
    expect(whole(asked).notes).toEqual(notes);
    expect(whole(request()).content).toMatchObject(told.slice(0, 1));
    expect(whole(request()).notes).toEqual(['content[0] dropped', ...notes]);
  });

  it('is streamed alike', () => {
    const context = client({ request: asked });
    const text = anthropicMessages.createStreamEncoder(context).encode(messageToEvents(reply));
    const data = frames(text).map((frame) => frame.data);
    const starts = data.flatMap(({ type, content_block: block }) => (type === 'content_block_start' ? [block] : []));
    expect(starts).toMatchObject([{ type: 'text' }, { type: 'server_tool_use', input: {} }, told[2]]);
    const deltas = data.flatMap(({ type, delta: one }) => (type === 'content_block_delta' ? [one] : []));
    expect(deltas.slice(1)).toMatchObject([
      { type: 'citations_delta', citation: { url: page.url } },
      { type: 'citations_delta', citation: { url: 'https://b.example' } },
      { type: 'input_json_delta', partial_json: '{"query":"q"}' },
    ]);
    expect(context.notes.list.map(({ path, action }) => `${path} ${action}`)).toEqual([...notes].reverse());
  });

  it('is no part of the history any more when it comes back, unlike what Anthropic found', () => {
    const own = { ...location, url: 'u', title: 't', cited_text: 'c', encrypted_index: 'E' };
    const [text, ...blocks] = JSON.parse(JSON.stringify(whole(asked).content)) as [{ citations: object[] }];
    const back = (citations: object[]) =>
      decodeRequest({
        model: 'm',
        max_tokens: 1,
        messages: [{ role: 'assistant', content: [...blocks, { ...text, citations }] as never }],
      }).messages[0]?.content;
    expect(back(text.citations)).toEqual([{ type: 'text', text: 'It rains.' }]);
    expect(back([...text.citations, own])).toEqual([
      {
        type: 'text',
        text: 'It rains.',
        extensions: { 'anthropic-messages': { deltas: [{ type: 'citations_delta', citation: own }] } },
      },
    ]);
  });
});
