import type { ChatReply, Tool } from '@signalbox/kit';
import { describeTransform } from '@signalbox/testkit/suites';
import toolRepair from '../src/index.ts';

const tools: readonly Tool[] = [
  {
    type: 'function',
    name: 'Edit',
    inputSchema: {
      type: 'object',
      properties: { path: { type: 'string' }, edits: { type: 'array', items: { type: 'object' } } },
      required: ['path'],
    },
  },
  { type: 'function', name: 'Free' },
  { type: 'opaque', format: 'anthropic-messages', name: 'web_search', value: { type: 'web_search_20250305' } },
];
const exchange = { request: { tools } };
const call = (rawInput: string, name = 'Edit') =>
  ({ type: 'tool-call', id: `toolu_${name}`, name, input: JSON.parse(rawInput) as never, rawInput }) as const;
const reply = (...content: ChatReply['content']): ChatReply => ({ content, stopReason: 'tool-call' });
const text = { type: 'text', text: '{"path":"a",}' } as const;

describeTransform(toolRepair, {
  config: { repairs: ['double-encoded', 'key-whitespace', 'from-text', 'to-text'] },
  replies: [
    {
      name: 'mends a call, and only that',
      reply: reply(text, call('{"path ":"a","edits":"[]"}'), call('{"path":"b"}')),
      exchange,
      expect: { content: [text, call('{"path":"a","edits":[]}'), call('{"path":"b"}')] },
    },
    { name: 'leaves a tool without a schema', reply: reply(call('"{}"', 'Free')), exchange, expect: undefined },
    { name: 'leaves a tool that it does not know', reply: reply(call('"{}"', 'Other')), exchange, expect: undefined },
    { name: 'leaves a reply without tools', reply: reply(text), exchange: {}, expect: undefined },
    { name: 'makes up nothing', reply: reply(call('{"edits":[]}')), exchange, expect: undefined },
  ],
});
