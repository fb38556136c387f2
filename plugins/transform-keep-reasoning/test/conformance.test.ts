import type { Block, ChatReply } from '@signalbox/kit';
import { describeTransform } from '@signalbox/testkit/suites';
import keepReasoning from '../src/index.ts';

const thought = { type: 'reasoning', text: 'Hm.', state: { origin: 'a', data: 'sig' } } as const;
const proof = { type: 'reasoning', text: '', state: { origin: 'a', data: 'sig' } } as const;
const text = { type: 'text', text: 'Hello.' } as const;
const call = { type: 'tool-call', id: 'call_1', name: 'look', input: {}, rawInput: '{}' } as const;
const reply = (...content: Block[]): ChatReply => ({ content, stopReason: 'tool-call' });
const exchange = { format: 'openai-chat', target: { provider: 'a', model: 'b' } };

describeTransform(keepReasoning, {
  config: { ttlMinutes: 10, maxEntries: 10, maxBytes: 10_000, sameFormat: [] },
  requests: [
    { name: 'leaves a history that it knows nothing of', target: 'a/b', request: {}, expect: undefined, notes: [] },
  ],
  replies: [
    { name: 'leaves an answer without reasoning', reply: reply(text, call), exchange, expect: undefined },
    {
      name: 'leaves an answer as it is',
      reply: reply(thought, text, thought, call, proof),
      exchange,
      expect: undefined,
    },
  ],
});
