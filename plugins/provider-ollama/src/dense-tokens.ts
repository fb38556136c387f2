import type { JsonObject, JsonValue } from '@signalbox/kit';

/** Chinese and code have more tokens to the character than prose; to the byte they are alike. */
const BYTES_PER_TOKEN = 3;
const TOKENS_PER_IMAGE = 1_600;
const TOKENS_PER_MESSAGE = 8;

/** The size of a wire body's prompt in tokens, by its bytes: what a window for it should hold. */
export function denseTokens({ messages, prompt, system, images, tools }: JsonObject): number {
  let bytes = bytesOf(prompt) + bytesOf(system) + bytesOf(tools);
  let tokens = countOf(images) * TOKENS_PER_IMAGE;
  for (const message of Array.isArray(messages) ? messages : []) {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) continue;
    bytes += bytesOf(message.content) + bytesOf(message.thinking) + bytesOf(message.tool_calls);
    tokens += TOKENS_PER_MESSAGE + countOf(message.images) * TOKENS_PER_IMAGE;
  }
  return Math.ceil(tokens + bytes / BYTES_PER_TOKEN);
}

function bytesOf(value: JsonValue | undefined): number {
  if (value === undefined || value === null) return 0;
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
}

function countOf(value: JsonValue | undefined): number {
  return Array.isArray(value) ? value.length : 0;
}
