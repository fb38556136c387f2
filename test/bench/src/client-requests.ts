import anthropicMessages from '@signalbox/format-anthropic-messages';
import gemini from '@signalbox/format-gemini';
import ollama from '@signalbox/format-ollama';
import openaiChat from '@signalbox/format-openai-chat';
import openaiResponses from '@signalbox/format-openai-responses';
import { type Format, Notes, ToolNames } from '@signalbox/kit';
import type { WireFormat } from '@signalbox/testkit';
import { type BodySize, requestBody } from './bodies.ts';

/** A chat request as a client of one format sends it. */
export interface ClientRequest {
  readonly path: string;
  readonly body: string;
  /** Beside those that every client sends. */
  readonly headers: readonly string[];
}

const formats: Readonly<Record<WireFormat, Format>> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  gemini,
  ollama,
};

const paths: Readonly<Record<WireFormat, (model: string, stream: boolean) => string>> = {
  'anthropic-messages': () => '/v1/messages',
  'openai-chat': () => '/v1/chat/completions',
  'openai-responses': () => '/v1/responses',
  gemini: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  ollama: () => '/api/chat',
};

export const ANTHROPIC_HEADERS: readonly string[] = [
  'anthropic-beta: interleaved-thinking-2025-05-14,context-management-2025-06-27',
  'anthropic-version: 2023-06-01',
];

/** The same request in every format: Anthropic's is written down, the others are what the encoders make of it. */
export function clientRequest(format: WireFormat, size: BodySize, model: string, stream: boolean): ClientRequest {
  const body = requestBody(size, model, stream);
  return {
    path: paths[format](model, stream),
    body: format === 'anthropic-messages' ? body : translated(body, formats[format], model),
    headers: format === 'anthropic-messages' ? ANTHROPIC_HEADERS : [],
  };
}

function translated(body: string, format: Format, model: string): string {
  const notes = new Notes();
  const request = anthropicMessages.decodeRequest(JSON.parse(body), { headers: {}, notes });
  const target = {
    model,
    notes,
    toolNames: new ToolNames(),
    reasoningOrigin: format.id,
    enforceStopSequences: () => {},
  };
  return JSON.stringify(format.encodeRequest(request, target));
}
