import {
  type ChatRequest,
  type ClientContext,
  type Format,
  type JsonObject,
  Notes,
  type StreamEvent,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import { anthropicMessages } from '../src/index.ts';

export function target(more: Partial<TargetContext> = {}): TargetContext {
  return {
    model: 'some-model',
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'anthropic',
    enforceStopSequences: () => {},
    ...more,
  };
}

const REQUEST: ChatRequest = { model: 'asked', stream: true, system: [], messages: [], tools: [] };

export function client(more: Partial<ClientContext> = {}): ClientContext {
  return { model: 'asked', headers: {}, notes: new Notes(), request: REQUEST, estimatePromptTokens: () => 77, ...more };
}

/** A request of a client of another format: no `extensions`. */
export function request(more: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }];
  return { ...REQUEST, messages, maxOutputTokens: 1000, ...more };
}

export function decodeRequest(body: JsonObject, operation?: 'chat' | 'count-tokens'): ChatRequest {
  return anthropicMessages.decodeRequest(body, {
    headers: {},
    notes: new Notes(),
    ...(operation === undefined ? {} : { operation }),
  });
}

/** The wire body and the notes, each as `path action`. */
export function encode(
  from: ChatRequest,
  more: Partial<TargetContext> = {},
  format: Format = anthropicMessages,
): { body: JsonObject; notes: string[] } {
  const context = target(more);
  const body = format.encodeRequest(from, context);
  return { body, notes: context.notes.list.map(({ path, action }) => `${path} ${action}`) };
}

export function decodeStream(
  chunks: readonly (string | Uint8Array)[],
  more: Partial<TargetContext> = {},
): StreamEvent[] {
  const decoder = anthropicMessages.createStreamDecoder(target(more));
  const events: StreamEvent[] = [];
  for (const chunk of chunks) events.push(...decoder.push(Buffer.from(chunk)));
  events.push(...decoder.end());
  return events;
}

/** Frames as a provider writes them. */
export function sse(...events: JsonObject[]): string {
  return events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** The frames of written text: event name and data. */
export function frames(text: string): { event: string; data: JsonObject }[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [event, data] = frame.split('\n');
      return {
        event: (event ?? '').replace('event: ', ''),
        data: JSON.parse((data ?? '').replace('data: ', '')) as JsonObject,
      };
    });
}

export const START = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 3, output_tokens: 1 } },
};
export const STOP = { type: 'message_stop' };

export function ending(stop_reason: string, usage: JsonObject = { output_tokens: 5 }): JsonObject {
  return { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage };
}

export function block(index: number, content: JsonObject, ...deltas: JsonObject[]): JsonObject[] {
  return [
    { type: 'content_block_start', index, content_block: content },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}
