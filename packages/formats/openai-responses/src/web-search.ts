import { type JsonObject, type JsonValue, type Notes, noteWebSearch, type WebSearch } from '@signalbox/kit';
import { isObject, text } from './fields.ts';

export const WEB_SEARCH = 'web_search';
/** `web_search`, `web_search_preview`, and both with a date. */
const TYPE = /^web_search(?:_|$)/;

const TOOL: ReadonlySet<string> = new Set([
  'type',
  'filters',
  'user_location',
  'search_context_size',
  // `true` is what it is everywhere.
  'external_web_access',
]);
const FILTERS: ReadonlySet<string> = new Set(['allowed_domains', 'blocked_domains']);
const OPTIONS = ['contextSize', 'allowedDomains', 'userLocation'] as const;
const PLACE = ['city', 'region', 'country', 'timezone'] as const;

export function isWebSearch(type: JsonValue | undefined): type is string {
  return typeof type === 'string' && TYPE.test(type);
}

/**
 * What a tool asks for; `undefined` for any other than the web search, and for one that must not go out on the web
 * (`external_web_access: false`), which only OpenAI has.
 */
export function webSearchOf(tool: JsonObject): WebSearch | undefined {
  if (!isWebSearch(tool.type) || tool.external_web_access === false) return undefined;
  const { user_location: location, search_context_size: size } = tool;
  const filters = isObject(tool.filters) ? tool.filters : {};
  const others = [...unread(tool, TOOL), ...unread(filters, FILTERS)];
  return {
    ...(size === 'low' || size === 'medium' || size === 'high' ? { contextSize: size } : {}),
    ...domains('allowedDomains', filters.allowed_domains),
    ...domains('blockedDomains', filters.blocked_domains),
    ...(isObject(location) ? placeOf(location) : {}),
    ...(others.length === 0 ? {} : { others }),
  };
}

function unread(value: JsonObject, known: ReadonlySet<string>): string[] {
  return Object.keys(value).filter(
    (key) => !known.has(key) && !key.startsWith('$') && value[key] !== undefined && value[key] !== null,
  );
}

function domains(key: 'allowedDomains' | 'blockedDomains', value: JsonValue | undefined): WebSearch {
  return Array.isArray(value) && value.length > 0
    ? { [key]: value.filter((domain) => typeof domain === 'string') }
    : {};
}

function placeOf(location: JsonObject): WebSearch {
  const said = PLACE.flatMap((key) => {
    const value = text(location[key]);
    return value === undefined ? [] : [[key, value] as const];
  });
  return said.length === 0 ? {} : { userLocation: Object.fromEntries(said) };
}

/**
 * The `web_search` tool for a search that another format asks for.
 * @param limited whether `maxUses` is said beside it
 */
export function encodeWebSearch(search: WebSearch, path: string, notes: Notes, limited: boolean): JsonObject {
  noteWebSearch(search, limited ? ['maxUses', ...OPTIONS] : OPTIONS, path, notes);
  const { contextSize, allowedDomains, userLocation } = search;
  return {
    type: WEB_SEARCH,
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...(allowedDomains === undefined ? {} : { filters: { allowed_domains: [...allowedDomains] } }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
}

/** The search that an item of the output tells of. */
export function searchIn({ type, action }: JsonObject): { webSearch?: { query?: string } } {
  if (type !== 'web_search_call') return {};
  const query = isObject(action) ? text(action.query) : undefined;
  return { webSearch: query === undefined ? {} : { query } };
}
