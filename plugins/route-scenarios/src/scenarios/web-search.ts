import type { Tool } from '@signalbox/kit';
import type { Evidence, Marks } from '../evidence.ts';

const MARKS: Marks = { 'anthropic-messages': ['"web_search'], 'openai-chat': ['web_search'] };

/** The provider is to search the web: a server tool, or Chat's `web_search_options`. A client's own tool is none. */
export function asksForWebSearch(evidence: Evidence): string | undefined {
  if (!evidence.mayHold(MARKS)) return undefined;
  const { request } = evidence;
  if (request === undefined) return undefined;
  const asked =
    request.tools.some(isServerSearch) || request.extensions?.['openai-chat']?.web_search_options !== undefined;
  return asked ? 'the provider is to search the web' : undefined;
}

function isServerSearch(tool: Tool): boolean {
  if (tool.type !== 'opaque' || typeof tool.value.type !== 'string') return false;
  // `web_search_20250305`, `web_search_preview`, `openrouter:web_search`.
  return /^(\w+:)?web_search/.test(tool.value.type);
}
