import type { Format, IngressRoute, JsonObject } from '@signalbox/kit';

/** The doubled prefix is what clients ask for whose base URL already ends in `/v1`. */
export const ingress: readonly IngressRoute[] = [
  { method: 'POST', path: '/v1/messages', operation: 'chat' },
  { method: 'POST', path: '/v1/messages/count_tokens', operation: 'count-tokens' },
  { method: 'POST', path: '/v1/v1/messages', operation: 'chat' },
  { method: 'POST', path: '/v1/v1/messages/count_tokens', operation: 'count-tokens' },
  { method: 'GET', path: '/v1/models', operation: 'models' },
  { method: 'GET', path: '/v1/models/:model', operation: 'model' },
];

const PATH = /^(?:\/v1)+\/messages(?:\/|$)/;
const AGENT = /^claude-(?:cli|code)\//i;
const FORWARDED = /^anthropic-(?:ratelimit|priority|fast|organization|workspace)-/;

export const recognises: Format['recognises'] = ({ path, headers }) =>
  headers['anthropic-version'] !== undefined ||
  headers['x-api-key'] !== undefined ||
  AGENT.test(headers['user-agent'] ?? '') ||
  PATH.test(path);

/** Limits and account; the request id is the gateway's own. */
export function forwardsReplyHeader(name: string): boolean {
  return FORWARDED.test(name);
}

/** Chat bodies have messages, too: what Anthropic demands, and the system prompt and the tools, tell them apart. */
export function resembles({ messages, system, tools, max_tokens: limit }: JsonObject): number {
  if (!Array.isArray(messages)) return 0;
  const [tool] = Array.isArray(tools) ? tools : [];
  const ownTool = typeof tool === 'object' && tool !== null && 'input_schema' in tool;
  return 1 + (limit === undefined ? 0 : 1) + (system === undefined ? 0 : 2) + (ownTool ? 2 : 0);
}
