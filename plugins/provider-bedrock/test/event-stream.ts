import type { JsonObject } from '@signalbox/kit';
import { EventStreamCodec } from '@smithy/core/event-streams';

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text, 'utf8'),
);

/** One message of the event stream, as Bedrock would write it. */
export function frame(name: string, payload: JsonObject, kind: 'event' | 'exception' = 'event'): Uint8Array {
  const type = kind === 'event' ? ':event-type' : ':exception-type';
  return codec.encode({
    headers: {
      [type]: { type: 'string', value: name },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: kind },
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
}

export const stream = (...frames: readonly Uint8Array[]): Buffer => Buffer.concat(frames);

const delta = (contentBlockIndex: number, part: JsonObject) =>
  frame('contentBlockDelta', { contentBlockIndex, delta: part, p: 'abcdef' });
const stop = (contentBlockIndex: number) => frame('contentBlockStop', { contentBlockIndex });
const tool = (contentBlockIndex: number, toolUseId: string, ...json: string[]) => [
  frame('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId, name: 'weather' } } }),
  ...json.map((input) => delta(contentBlockIndex, { toolUse: { input } })),
  stop(contentBlockIndex),
];

/** Reasoning, text and two calls: everything an agent's turn has. */
export const TURN: readonly Uint8Array[] = [
  frame('messageStart', { role: 'assistant' }),
  delta(0, { reasoningContent: { text: 'Two ' } }),
  delta(0, { reasoningContent: { text: 'look-ups.' } }),
  delta(0, { reasoningContent: { signature: 'U0lH' } }),
  stop(0),
  delta(1, { text: 'Checking ' }),
  delta(1, { text: 'both 😀.' }),
  stop(1),
  ...tool(2, 'tooluse_a', '{"city":', '"Oslo"}'),
  ...tool(3, 'tooluse_b', '{"city":"Zürich"}'),
  frame('messageStop', { stopReason: 'tool_use' }),
  frame('metadata', {
    usage: {
      inputTokens: 80,
      outputTokens: 70,
      totalTokens: 190,
      cacheReadInputTokens: 30,
      cacheWriteInputTokens: 10,
      cacheDetails: [
        { ttl: '1h', inputTokens: 6 },
        { ttl: '5m', inputTokens: 4 },
      ],
    },
    metrics: { latencyMs: 900 },
  }),
];

/** The same turn as a whole reply. */
export const WHOLE: JsonObject = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Two look-ups.', signature: 'U0lH' } } },
        { text: 'Checking both 😀.' },
        { toolUse: { toolUseId: 'tooluse_a', name: 'weather', input: { city: 'Oslo' } } },
        { toolUse: { toolUseId: 'tooluse_b', name: 'weather', input: { city: 'Zürich' } } },
      ],
    },
  },
  stopReason: 'tool_use',
  usage: {
    inputTokens: 80,
    outputTokens: 70,
    totalTokens: 190,
    cacheReadInputTokens: 30,
    cacheWriteInputTokens: 10,
    cacheDetails: [{ ttl: '1h', inputTokens: 6 }],
  },
  metrics: { latencyMs: 900 },
};
