import { needsCapability } from '@signalbox/kit';
import type { Evidence, Marks } from '../evidence.ts';

const MARKS: Marks = { 'anthropic-messages': ['"web_search'], 'openai-chat': ['web_search'] };

/** The provider is to search the web: a server tool, or Chat's `web_search_options`. A client's own tool is none. */
export function asksForWebSearch(evidence: Evidence): string | undefined {
  if (!evidence.mayHold(MARKS)) return undefined;
  const { request } = evidence;
  return request !== undefined && needsCapability(request, 'webSearch')
    ? 'the provider is to search the web'
    : undefined;
}
