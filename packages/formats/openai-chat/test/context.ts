import { readFileSync } from 'node:fs';
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

export interface TestTarget extends TargetContext {
  readonly enforced: string[];
}

export function testTarget(options: Partial<TargetContext> = {}): TestTarget {
  const enforced: string[] = [];
  return {
    model: 'target-model',
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'openrouter',
    enforceStopSequences: (sequences) => enforced.push(...sequences),
    ...options,
    enforced,
  };
}

/** The smallest request, with what the test is about. */
export function testRequest(options: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] as const;
  return { model: 'asked-model', stream: false, system: [], messages, tools: [], ...options };
}

export function testClient(request: ChatRequest = testRequest()): ClientContext {
  return { model: request.model, headers: {}, notes: new Notes(), request, estimatePromptTokens: () => 1 };
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/synthetic/${name}`, import.meta.url));
}

/** The events of these bytes, given chunk by chunk. */
export function decodeStream(format: Format, chunks: readonly Uint8Array[], target = testTarget()): StreamEvent[] {
  const decoder = format.createStreamDecoder(target);
  const events = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return [...events, ...decoder.end()];
}

/** A stream of data frames: objects as JSON, strings as they are. */
export function frames(...data: readonly (JsonObject | string)[]): Buffer {
  return Buffer.from(
    data.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`).join(''),
  );
}

export function chunk(delta: JsonObject, finish: string | null = null): JsonObject {
  return {
    id: 'c',
    object: 'chat.completion.chunk',
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

/** Adjacent deltas as one: what a reader sees, however the bytes were cut. */
export function joined(events: readonly StreamEvent[]): StreamEvent[] {
  const out: StreamEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.type === 'text-delta' && last?.type === 'text-delta')
      out[out.length - 1] = { ...last, text: last.text + event.text };
    else out.push(event);
  }
  return out;
}
