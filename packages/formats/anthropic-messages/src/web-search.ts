import {
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  newId,
  noteWebSearch,
  packReasoningState,
  type WebCitation,
  type WebSearch,
  withCitations,
} from '@signalbox/kit';
import type { EncodeContext } from './encode-context.ts';
import { extrasOf, isObject } from './wire.ts';

/** The tool's only name on this wire. */
export const WEB_SEARCH = 'web_search';
const RESULT_LOCATION = 'web_search_result_location';
/** Known to every server that has the tool at all. */
const VERSION = 'web_search_20250305';
/**
 * Stands where Anthropic would encrypt what it found, which it has not. A body that holds it is encoded on its way to a
 * provider, which leaves it out.
 */
const NOT_ENCRYPTED = packReasoningState({ origin: 'web-search', data: {} });
const MADE_ID = 'srvtoolu_sbx';

const TOOL = new Set(['type', 'name', 'max_uses', 'allowed_domains', 'blocked_domains', 'user_location']);

/** What a tool of this format asks for; `undefined` for any other than the web search. */
export function webSearchOf(wire: JsonObject): WebSearch | undefined {
  if (typeof wire.type !== 'string' || !wire.type.startsWith(`${WEB_SEARCH}_`)) return undefined;
  const { max_uses: maxUses, user_location: location } = wire;
  const others = Object.keys(extrasOf(wire, TOOL) ?? {});
  return {
    ...(typeof maxUses === 'number' ? { maxUses } : {}),
    ...domains('allowedDomains', wire.allowed_domains),
    ...domains('blockedDomains', wire.blocked_domains),
    ...(isObject(location) ? { userLocation: placeOf(location) } : {}),
    ...(others.length === 0 ? {} : { others }),
  };
}

function domains(key: 'allowedDomains' | 'blockedDomains', value: JsonValue | undefined): WebSearch {
  return Array.isArray(value) && value.length > 0
    ? { [key]: value.filter((domain) => typeof domain === 'string') }
    : {};
}

function placeOf(location: JsonObject): NonNullable<WebSearch['userLocation']> {
  const keys = ['city', 'region', 'country', 'timezone'] as const;
  return Object.fromEntries(keys.flatMap((key) => (typeof location[key] === 'string' ? [[key, location[key]]] : [])));
}

/** The tool for a web search that another format asks for. */
export function encodeWebSearch(search: WebSearch, path: string, { notes }: EncodeContext): JsonObject {
  const { maxUses, allowedDomains, blockedDomains, userLocation } = search;
  // One list or the other.
  const blocked = allowedDomains === undefined ? blockedDomains : undefined;
  noteWebSearch(
    search,
    ['maxUses', 'allowedDomains', 'userLocation', ...(blocked === undefined ? [] : (['blockedDomains'] as const))],
    path,
    notes,
  );
  return {
    type: VERSION,
    name: WEB_SEARCH,
    ...(maxUses === undefined ? {} : { max_uses: maxUses }),
    ...(allowedDomains === undefined ? {} : { allowed_domains: [...allowedDomains] }),
    ...(blocked === undefined ? {} : { blocked_domains: [...blocked] }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
}

/** A delta of a reply, with what it says to other formats: only pages on the web can be told. */
export function citationDelta(delta: JsonObject): JsonObject {
  const { citation } = delta;
  if (!isObject(citation) || citation.type !== RESULT_LOCATION || typeof citation.url !== 'string') return delta;
  const { url, title, cited_text: quote } = citation;
  const told = {
    url,
    ...(typeof title === 'string' && title !== '' ? { title } : {}),
    ...(typeof quote === 'string' && quote !== '' ? { quote } : {}),
  };
  return withCitations(delta, [told]);
}

/** What is lost of the places of citations. */
export const WHOLE_TEXT = 'a citation counts for its whole text here';

/** A citation that another provider gave. Here it counts for its whole text. */
export function encodeWebCitation({ url, title, quote = '' }: WebCitation): JsonObject {
  return { type: RESULT_LOCATION, url, title: title ?? null, cited_text: quote, encrypted_index: NOT_ENCRYPTED };
}

/** Whether the gateway made this block or citation of what another provider found. To a provider it says nothing. */
export function isMadeUp({ id, tool_use_id, encrypted_index }: JsonObject): boolean {
  if (encrypted_index === NOT_ENCRYPTED) return true;
  return [id, tool_use_id].some((value) => typeof value === 'string' && value.startsWith(MADE_ID));
}

/** Where to gather what another provider found, for a client that asked for a web search. */
export function webFor({ tools }: ChatRequest): FoundOnTheWeb | undefined {
  return tools.some((tool) => tool.type === 'opaque' && tool.webSearch !== undefined) ? new FoundOnTheWeb() : undefined;
}

/** What another provider searched for and cited in one reply. */
export class FoundOnTheWeb {
  readonly #queries: string[] = [];
  readonly #pages = new Map<string, JsonObject>();
  #searched = false;

  search(query: string | undefined): void {
    this.#searched = true;
    if (query !== undefined) this.#queries.push(query);
  }

  cite({ url, title }: WebCitation): void {
    this.#searched = true;
    if (this.#pages.has(url)) return;
    const page = { type: 'web_search_result', url, title: title ?? url };
    this.#pages.set(url, { ...page, encrypted_content: NOT_ENCRYPTED, page_age: null });
  }

  /** The blocks of a search and its results; none where nobody searched. Which search found what, nobody says. */
  blocks(): JsonObject[] {
    if (!this.#searched) return [];
    const id = newId(MADE_ID);
    const input = this.#queries.length === 0 ? {} : { query: this.#queries.join('; ') };
    return [
      { type: 'server_tool_use', id, name: WEB_SEARCH, input, caller: { type: 'direct' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: id,
        content: [...this.#pages.values()],
        caller: { type: 'direct' },
      },
    ];
  }
}
