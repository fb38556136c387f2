import type { JsonObject } from '@signalbox/kit';

/** What `count_tokens` takes of a messages body. */
const COUNTED = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'cache_control',
  'speed',
  'context_management',
  'mcp_servers',
]);

/** The body without what only generation needs: limits, sampling, stream. It says nothing about the prompt's size. */
export function countTokensBody(body: JsonObject): JsonObject {
  const counted: JsonObject = {};
  for (const key in body) if (COUNTED.has(key)) counted[key] = body[key];
  return counted;
}
