import { needsCapability } from '@signalbox/kit';
import type { Evidence, Marks } from '../evidence.ts';

/** The last is the id of OpenRouter's plugin. */
const MARKS: Marks = { 'anthropic-messages': ['"web_search'], 'openai-chat': ['web_search', '"web"'] };
/** How a model is asked for at OpenRouter that searches the web. */
const ONLINE = ':online';

/** The provider is to search the web: a server tool, or what Chat has for it. A client's own tool is none. */
export function asksForWebSearch(evidence: Evidence): string | undefined {
  const says = 'the provider is to search the web';
  if (evidence.exchange.model.endsWith(ONLINE)) return says;
  if (!evidence.mayHold(MARKS)) return undefined;
  const { request } = evidence;
  return request !== undefined && needsCapability(request, 'webSearch') ? says : undefined;
}
