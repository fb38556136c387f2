import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { chat, messages, router, TOOLS, text, user, type Wire } from '../../test/support.ts';

const ORDER = 'Your task is to create a detailed summary of the conversation so far, in short.';
const BILLING = 'x-anthropic-billing-header: cc_version=2.1.197; cc_is_subagent=true;';
const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const IMAGE = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
const DOCUMENT = { type: 'document', source: { type: 'content', content: [IMAGE] } };
const result = (...content: readonly JsonObject[]) => ({
  type: 'tool_result',
  tool_use_id: 't',
  content: [...content],
});
const said = (...content: readonly JsonObject[]): Wire => ({ body: messages({ messages: [user(...content)] }) });
const inChat = (more: JsonObject): Wire => ({ body: chat(more), format: 'openai-chat' });
const chatTool = (name: string) => ({ type: 'function', function: { name } });
const picture = { type: 'image_url', image_url: { url: 'https://host.example/a.png' } };

const CASES: readonly [scenario: string, what: string, wire: Wire, expected: boolean][] = [
  ['webSearch', 'a server tool', { body: messages({ tools: [SEARCH] }) }, true],
  ['webSearch', 'a server tool among others', { body: messages({ tools: [...TOOLS, SEARCH] }) }, true],
  ['webSearch', 'no tools', { body: messages() }, false],
  ['webSearch', 'another server tool', { body: messages({ tools: [{ type: 'bash_20250124', name: 'bash' }] }) }, false],
  ['webSearch', 'a tool of that name', { body: messages({ tools: [{ ...TOOLS[0], name: 'web_search' }] }) }, false],
  ['webSearch', 'talk of it', said(text('"web_search_20250305"')), false],
  ['webSearch', 'Chat: its own option', inChat({ web_search_options: {} }), true],
  ['webSearch', 'Chat: a server tool', inChat({ tools: [{ type: 'openrouter:web_search' }] }), true],
  ['webSearch', 'Chat: OpenRouter’s plugin', inChat({ plugins: [{ id: 'web' }] }), true],
  ['webSearch', 'Chat: the plugin, off', inChat({ plugins: [{ id: 'web', enabled: false }] }), false],
  ['webSearch', 'Chat: another plugin', inChat({ plugins: [{ id: 'file-parser' }] }), false],
  ['webSearch', 'Chat: a model that searches', inChat({ model: 'vendor/model:online' }), true],
  ['webSearch', 'Chat: a word', inChat({ messages: [{ role: 'user', content: '"web"' }] }), false],
  ['webSearch', 'Chat: a function', inChat({ tools: [chatTool('web_search')] }), false],
  ['image', 'in a message', said(IMAGE, text('What is it?')), true],
  ['image', 'in a tool result', said(result(text('x'), IMAGE)), true],
  ['image', 'in a document', said(DOCUMENT), true],
  ['image', 'in a document of a tool result', said(result(DOCUMENT)), true],
  ['image', 'early in the conversation', { body: messages({ messages: [user(IMAGE), user(text('And?'))] }) }, true],
  ['image', 'only talk of one', said(text('{"type":"image"}'), text('image')), false],
  ['image', 'no other media', said({ type: 'document', source: { type: 'url', url: 'https://host.example' } }), false],
  ['image', 'Chat: a picture', inChat({ messages: [{ role: 'user', content: [picture] }] }), true],
  ['image', 'Chat: a word', inChat({ messages: [{ role: 'user', content: '"image_url"' }] }), false],
  ['compact', 'the last block', said(text('And now?'), text(`Text only.\n${ORDER}`)), true],
  ['compact', 'before a reminder', { body: messages({ messages: [user(text(ORDER)), system('Mind.')] }) }, true],
  ['compact', 'an earlier turn', { body: messages({ messages: [user(text(ORDER)), user(text('Go on.'))] }) }, false],
  ['compact', 'an earlier block', said(text(ORDER), text('What does this mean?')), false],
  ['compact', 'a file that was read', said(result(text(ORDER))), false],
  ['compact', 'a system prompt', { body: messages({ system: ORDER }) }, false],
  ['subagent', 'the header', { body: messages(), headers: { 'x-claude-code-agent-id': 'a1' } }, true],
  [
    'subagent',
    'the header of its parent',
    { body: messages(), headers: { 'x-claude-code-parent-agent-id': 'a1' } },
    true,
  ],
  ['subagent', 'an empty header', { body: messages(), headers: { 'x-claude-code-agent-id': '' } }, false],
  ['subagent', 'the first system block', { body: messages({ system: [text(BILLING), text('You…')] }) }, true],
  ['subagent', 'a later system block', { body: messages({ system: [text('You…'), text(BILLING)] }) }, false],
  ['subagent', 'talk of it', said(text(BILLING)), false],
  ['subagent', 'the main loop', { body: messages({ tools: TOOLS, stream: true }) }, false],
];

function system(content: string): JsonObject {
  return { role: 'system', content };
}

describe('the kinds of requests', () => {
  it.each(CASES)('%s: %s', async (scenario, _, wire, expected) => {
    const { target, reason } = await (await router({ [scenario]: 'to/{model}-there' }))(wire);
    expect(target).toBe(expected ? `to/${String(wire.body.model)}-there` : 'to/default');
    expect(reason.startsWith(`${scenario}: `)).toBe(expected);
  });

  it.each(['webSearch', 'image', 'compact', 'subagent'])(
    '%s decodes nothing without a mark of it',
    async (scenario) => {
      const decide = await router({ [scenario]: 'to/there' });
      const body = messages({ tools: TOOLS, thinking: { type: 'adaptive' } });
      expect(await decide({ body })).toMatchObject({ target: 'to/default', decodes: 0 });
      expect(await decide(inChat({ tools: [chatTool('Read')] }))).toMatchObject({ target: 'to/default', decodes: 0 });
    },
  );

  it('subagent needs no decoding where the header is', async () => {
    const decide = await router({ subagent: 'to/there' });
    expect((await decide({ body: messages(), headers: { 'x-claude-code-agent-id': 'a1' } })).decodes).toBe(0);
  });
});
