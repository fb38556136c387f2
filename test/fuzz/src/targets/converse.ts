import type { JsonObject } from '@signalbox/kit';
import { eventStream } from '../streams.ts';
import type { Subject } from '../subjects.ts';
import { converse } from './provider-formats.ts';

const USAGE: JsonObject = { inputTokens: 8, outputTokens: 7, totalTokens: 20, cacheReadInputTokens: 5 };
const REASONING: JsonObject = { reasoningText: { text: 'Thinking.', signature: 'U0lH' } };
const CALL: JsonObject = { toolUse: { toolUseId: 'tooluse_a', name: 'Read', input: { path: '/a' } } };

/** Amazon's Converse, whose streams are binary. */
export const converseSubject: Subject = {
  id: converse.id,
  format: converse,
  dialects: [],
  requests: [],
  replies: [
    {
      output: {
        message: { role: 'assistant', content: [{ reasoningContent: REASONING }, { text: 'Hello.' }, CALL] },
      },
      stopReason: 'tool_use',
      usage: USAGE,
      metrics: { latencyMs: 1 },
    },
    { output: { message: { role: 'assistant', content: [{ text: 'Hi.' }] } }, stopReason: 'end_turn', usage: USAGE },
  ],
  streams: [
    eventStream([
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Two look-ups.' } } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'U0lH' } } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'Checking 😀.' } }],
      ['contentBlockStop', { contentBlockIndex: 1 }],
      ['contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 'tooluse_a', name: 'Read' } } }],
      ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{"path":' } } }],
      ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '"/a"}' } } }],
      ['contentBlockStop', { contentBlockIndex: 2 }],
      ['messageStop', { stopReason: 'tool_use' }],
      ['metadata', { usage: USAGE, metrics: { latencyMs: 900 } }],
    ]),
  ],
  errors: [{ message: 'Too many tokens, please wait before trying again.' }],
};
