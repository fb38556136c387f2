import type { ChatReply, Tool } from '@signalbox/kit';
import { describeTransform } from '@signalbox/testkit/suites';
import toolCheck from '../src/index.ts';

const tools: readonly Tool[] = [
  { type: 'function', name: 'Edit', inputSchema: { type: 'object', required: ['path'] } },
  { type: 'function', name: 'Free' },
];
const exchange = { request: { tools } };
const call = (rawInput: string, name = 'Edit') =>
  ({ type: 'tool-call', id: `toolu_${name}`, name, input: JSON.parse(rawInput) as never, rawInput }) as const;
const reply = (...content: ChatReply['content']): ChatReply => ({ content, stopReason: 'tool-call' });

describeTransform(toolCheck, {
  config: {},
  replies: [
    {
      name: 'leaves calls that fit',
      reply: reply(call('{"path":"a"}'), call('{}', 'Free')),
      exchange,
      expect: undefined,
    },
    { name: 'leaves calls that do not fit', reply: reply(call('{ "x": 1 }')), exchange, expect: undefined },
    { name: 'leaves calls of nobody’s tools', reply: reply(call('{}', 'Other')), exchange, expect: undefined },
    { name: 'leaves replies without calls', reply: reply({ type: 'text', text: 'hi' }), exchange, expect: undefined },
  ],
});
