import { describe, expect, it } from '@jest/globals';
import { ReplyCallIds } from './reply-call-ids.ts';

const request = {
  model: 'm',
  stream: false,
  system: [],
  tools: [],
  messages: [{ role: 'assistant', content: [{ type: 'tool-call', id: 'call_0', name: 'f', input: {} }] }],
} as const;

describe('ReplyCallIds', () => {
  it('keeps new ids and replaces those that the session or the reply has used', () => {
    const ids = new ReplyCallIds(() => request, 'toolu_');
    expect(ids.claim('call_1')).toBe('call_1');
    for (const used of ['call_0', 'call_1', '']) expect(ids.claim(used)).toMatch(/^toolu_.{24}$/);
  });
});
