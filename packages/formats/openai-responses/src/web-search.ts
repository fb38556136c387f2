import type { Extensions, JsonObject, Notes } from '@signalbox/kit';
import { isObject, text } from './fields.ts';

export const WEB_SEARCH = 'web_search';

/** Fields of Anthropic's tool that have a twin here, and its name. */
const ANTHROPIC: ReadonlySet<string> = new Set(['type', 'name', 'allowed_domains', 'user_location', 'cache_control']);

/** The `web_search` tool for another format's: Anthropic's tool, or the option of Chat Completions. */
export function webSearchOf(extensions: Extensions | undefined, notes: Notes): JsonObject | undefined {
  const chat = extensions?.['openai-chat']?.web_search_options;
  if (isObject(chat)) return ofChat(chat, notes);
  const tool = extensions?.['anthropic-messages']?.tool;
  if (isObject(tool) && text(tool.type)?.startsWith('web_search_') === true) return ofAnthropic(tool, notes);
  return undefined;
}

function ofChat({ search_context_size: size, user_location: location }: JsonObject, notes: Notes): JsonObject {
  notes.add('web_search_options', 'mapped', 'the option is a web_search tool here');
  const place = isObject(location) && isObject(location.approximate) ? location.approximate : undefined;
  return {
    type: WEB_SEARCH,
    ...(size === undefined ? {} : { search_context_size: size }),
    ...(place === undefined ? {} : { user_location: { type: 'approximate', ...place } }),
  };
}

function ofAnthropic(tool: JsonObject, notes: Notes): JsonObject {
  notes.add('tools', 'mapped', `${String(tool.type)} is web_search here`);
  for (const key in tool) {
    if (!ANTHROPIC.has(key)) notes.add(`tools.${key}`, 'dropped', 'web_search has no such option');
  }
  return {
    type: WEB_SEARCH,
    ...(Array.isArray(tool.allowed_domains) ? { filters: { allowed_domains: tool.allowed_domains } } : {}),
    ...(isObject(tool.user_location) ? { user_location: tool.user_location } : {}),
  };
}
