import {
  type ChatRequest,
  type ClientContext,
  type JsonObject,
  Notes,
  type StreamEvent,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import { ollama } from '../src/index.ts';

export function testTarget(options: Partial<TargetContext> = {}): TargetContext {
  return {
    model: 'target-model',
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'ollama',
    enforceStopSequences: () => {},
    ...options,
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

export function decode(body: JsonObject, path?: string): ChatRequest {
  return ollama.decodeRequest(body, { headers: {}, notes: new Notes(), ...(path === undefined ? {} : { path }) });
}

/** What a request is on the wire, and the notes it leaves as `action path`. */
export function encode(request: ChatRequest): { readonly body: JsonObject; readonly notes: readonly string[] } {
  const target = testTarget();
  const body = ollama.encodeRequest(request, target);
  return { body, notes: target.notes.list.map(({ action, path }) => `${action} ${path}`) };
}

export function lines(...objects: readonly (JsonObject | string)[]): Buffer {
  return Buffer.from(objects.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
}

export function delta(message: JsonObject, more: JsonObject = {}): JsonObject {
  return { model: 'm', created_at: 't', message: { role: 'assistant', content: '', ...message }, done: false, ...more };
}

export function done(more: JsonObject = {}): JsonObject {
  return delta({}, { done: true, done_reason: 'stop', ...more });
}

export function decodeStream(bytes: Uint8Array, target = testTarget()): StreamEvent[] {
  const decoder = ollama.createStreamDecoder(target);
  return [...decoder.push(bytes), ...decoder.end()];
}
