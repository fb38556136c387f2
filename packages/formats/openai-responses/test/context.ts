import { readFileSync } from 'node:fs';
import {
  type ChatRequest,
  type ClientContext,
  type Format,
  type HeaderMap,
  type JsonObject,
  Notes,
  type StreamEvent,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import { openaiResponses } from '../src/index.ts';

export interface TestTarget extends TargetContext {
  readonly enforced: string[];
}

export function testTarget(options: Partial<TargetContext> = {}): TestTarget {
  const enforced: string[] = [];
  return {
    model: 'target-model',
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: 'openai',
    enforceStopSequences: (sequences) => enforced.push(...sequences),
    ...options,
    enforced,
  };
}

/** The smallest request of a client of another format, with what the test is about. */
export function testRequest(options: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] as const;
  return { model: 'asked-model', stream: false, system: [], messages, tools: [], ...options };
}

/** What a client of this format asks. */
export function decode(body: JsonObject, notes = new Notes()): ChatRequest {
  return openaiResponses.decodeRequest({ model: 'asked-model', input: 'Hello', ...body }, { headers: {}, notes });
}

export function testClient(request: ChatRequest = decode({}), headers: HeaderMap = {}): ClientContext {
  return { model: request.model, headers, notes: new Notes(), request, estimatePromptTokens: () => 1 };
}

/** The body for a target, as it stands on the wire. */
export function encode(request: ChatRequest, target: TargetContext = testTarget(), format: Format = openaiResponses) {
  return JSON.parse(JSON.stringify(format.encodeRequest(request, target))) as JsonObject & { input: JsonObject[] };
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/synthetic/${name}`, import.meta.url));
}

/** The events of these bytes, given chunk by chunk. */
export function decodeStream(chunks: readonly Uint8Array[], target = testTarget()): StreamEvent[] {
  const decoder = openaiResponses.createStreamDecoder(target);
  const events = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return [...events, ...decoder.end()];
}

/** A stream of frames that have no name. */
export function frames(...data: readonly (JsonObject | string)[]): Buffer {
  return Buffer.from(
    data.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`).join(''),
  );
}

/** The frames of a stream that an encoder wrote, without those of other formats' lines. */
export function framesOf(wire: string): JsonObject[] {
  return wire
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as JsonObject);
}
