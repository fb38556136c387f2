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
import { gemini } from '../src/index.ts';

export const MODEL = 'gemini-3.8-flash';

export interface TestTarget extends TargetContext {
  readonly enforced: string[];
}

export function testTarget(options: Partial<TargetContext> = {}): TestTarget {
  const enforced: string[] = [];
  return {
    model: MODEL,
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'gemini',
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

export function decode(body: JsonObject, more: Partial<Parameters<Format['decodeRequest']>[1]> = {}): ChatRequest {
  return gemini.decodeRequest(body, { headers: {}, notes: new Notes(), model: 'asked-model', stream: false, ...more });
}

/** What goes over the wire, with the notes as `action path`. */
export function encode(request: ChatRequest, options: Partial<TargetContext> = {}, format: Format = gemini) {
  const target = testTarget(options);
  const body = JSON.parse(JSON.stringify(format.encodeRequest(request, target))) as JsonObject;
  const notes = target.notes.list.map(({ action, path }) => `${action} ${path}`);
  return { body, notes, reasons: target.notes.list.map(({ reason }) => reason), enforced: target.enforced };
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/synthetic/${name}`, import.meta.url));
}

export function frames(...bodies: readonly object[]): string {
  return bodies.map((body) => `data: ${JSON.stringify(body)}\n\n`).join('');
}

/** The events of these chunks and the end of the stream. */
export function decodeStream(wire: string | readonly Uint8Array[], target = testTarget(), format: Format = gemini) {
  const decoder = format.createStreamDecoder(target);
  const events: StreamEvent[] = [];
  for (const chunk of typeof wire === 'string' ? [Buffer.from(wire)] : wire) events.push(...decoder.push(chunk));
  events.push(...decoder.end());
  return events;
}

/** The frames of an event stream, parsed. */
export function parseFrames(wire: string): JsonObject[] {
  return wire
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(frame.slice('data: '.length)) as JsonObject);
}

/** A reply with one candidate. */
export function replyOf(parts: readonly JsonObject[], more: JsonObject = { finishReason: 'STOP' }): JsonObject {
  return { candidates: [{ content: { parts: [...parts], role: 'model' }, index: 0, ...more }] };
}
