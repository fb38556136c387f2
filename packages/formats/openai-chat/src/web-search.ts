import {
  type ChatRequest,
  entryOf,
  type JsonObject,
  type JsonValue,
  noteWebSearch,
  type OpaqueTool,
  type WebSearch,
} from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { count, ID, isObject, text } from './fields.ts';

/** How clients name a search that has no name on this wire. */
const NAME = 'web_search';
/** Types of tools that stand for fields of the request. */
const OPTIONS = 'web_search_options';
const PLUGIN = 'web_search_plugin';
/** The fields that they stand for. */
const FIELDS: Readonly<Record<string, string>> = { [OPTIONS]: OPTIONS, [PLUGIN]: 'plugins' };
const TOOL_TYPE = /^(?:openrouter:)?web_search/;
const OPENROUTER_TOOL = 'openrouter:web_search';

const OPTION_KEYS = new Set(['search_context_size', 'user_location']);
const TOOL_KEYS = new Set([...OPTION_KEYS, 'max_results', 'allowed_domains', 'excluded_domains']);
const PLUGIN_KEYS = new Set([
  'id',
  'enabled',
  'max_results',
  'max_uses',
  'include_domains',
  'exclude_domains',
  'user_location',
]);

/**
 * Takes out of a request's own fields what asks for a web search, as tools: OpenAI's `web_search_options` and
 * OpenRouter's plugin `web`.
 */
export function takeSearchFields(own: JsonObject): OpaqueTool[] {
  const tools: OpaqueTool[] = [];
  const { web_search_options: options, plugins } = own;
  if (isObject(options)) {
    delete own.web_search_options;
    tools.push(searchTool({ type: OPTIONS, [OPTIONS]: options }, optionsOf(options)));
  }
  const at = Array.isArray(plugins) ? plugins.findIndex((one) => isObject(one) && one.id === 'web') : -1;
  const plugin = Array.isArray(plugins) ? plugins[at] : undefined;
  if (Array.isArray(plugins) && isObject(plugin) && plugin.enabled !== false) {
    own.plugins = plugins.filter((_, index) => index !== at);
    if (plugins.length === 1) delete own.plugins;
    tools.push(searchTool({ type: PLUGIN, plugin, at }, pluginOf(plugin)));
  }
  return tools;
}

/** What a tool on this wire asks for; `undefined` for any other than a web search. */
export function webSearchOf(tool: JsonObject): WebSearch | undefined {
  if (typeof tool.type !== 'string' || !TOOL_TYPE.test(tool.type)) return undefined;
  const { type: _, parameters, ...flat } = tool;
  const { filters, ...rest } = flat;
  // OpenRouter takes the words of Responses, too.
  const given =
    tool.type === OPENROUTER_TOOL
      ? isObject(parameters)
        ? parameters
        : {}
      : { ...rest, ...(isObject(filters) ? filters : {}) };
  return {
    ...optionsOf(given, TOOL_KEYS),
    ...number('maxResults', given.max_results),
    ...domains('allowedDomains', given.allowed_domains),
    ...domains('blockedDomains', given.excluded_domains),
  };
}

function searchTool(value: JsonObject, webSearch: WebSearch): OpaqueTool {
  return { type: 'opaque', format: ID, name: NAME, value, webSearch };
}

function optionsOf(options: JsonObject, known: ReadonlySet<string> = OPTION_KEYS): WebSearch {
  const { search_context_size: size, user_location: location } = options;
  return {
    ...(size === 'low' || size === 'medium' || size === 'high' ? { contextSize: size } : {}),
    ...place(location),
    ...others(options, known),
  };
}

function pluginOf(plugin: JsonObject): WebSearch {
  return {
    ...number('maxUses', plugin.max_uses),
    ...number('maxResults', plugin.max_results),
    ...domains('allowedDomains', plugin.include_domains),
    ...domains('blockedDomains', plugin.exclude_domains),
    ...place(plugin.user_location),
    ...others(plugin, PLUGIN_KEYS),
  };
}

function number(key: 'maxUses' | 'maxResults', value: JsonValue | undefined): WebSearch {
  const given = count(value);
  return given === undefined ? {} : { [key]: given };
}

function domains(key: 'allowedDomains' | 'blockedDomains', value: JsonValue | undefined): WebSearch {
  return Array.isArray(value) && value.length > 0
    ? { [key]: value.filter((domain) => typeof domain === 'string') }
    : {};
}

/** OpenAI nests it under `approximate`, OpenRouter does not. */
function place(location: JsonValue | undefined): WebSearch {
  if (!isObject(location)) return {};
  const given = isObject(location.approximate) ? location.approximate : location;
  const keys = ['city', 'region', 'country', 'timezone'] as const;
  const said = keys.flatMap((key) => {
    const value = text(given[key]);
    return value === undefined ? [] : [[key, value] as const];
  });
  return said.length === 0 ? {} : { userLocation: Object.fromEntries(said) };
}

function others(given: JsonObject, known: ReadonlySet<string>): WebSearch {
  const names = Object.keys(given).filter((key) => !known.has(key) && given[key] !== undefined && given[key] !== null);
  return names.length === 0 ? {} : { others: names };
}

export interface EncodedSearch {
  /** Fields of the request beside its tools. */
  readonly fields: JsonObject;
  readonly tools: readonly JsonObject[];
  /** The choice of a tool is for the search, which is made anyway. */
  readonly chosen: boolean;
}

/** The web searches that a request asks for, in the words of this provider: this format's own as they came. */
export function encodeWebSearch(request: ChatRequest, encoding: Encoding): EncodedSearch {
  const { dialect, target } = encoding;
  const fields: JsonObject = {};
  const tools: JsonObject[] = [];
  let chosen = false;
  request.tools.forEach((tool, index) => {
    if (tool.type !== 'opaque' || tool.webSearch === undefined) return;
    const { webSearch, name = NAME, value } = tool;
    const path = (tool.format === ID ? entryOf(FIELDS, text(value.type)) : undefined) ?? `tools[${index}]`;
    const own = tool.format === ID ? ownFields(value, request, encoding) : undefined;
    if (own !== undefined) {
      if ('tool' in own) tools.push(own.tool);
      else Object.assign(fields, own.fields);
      return;
    }
    if (dialect.webSearch === 'none') {
      const whose =
        tool.format === ID ? 'the provider does not search the web' : `only ${tool.format} has the tool ${name}`;
      target.notes.add(path, 'dropped', whose);
      return;
    }
    const forced = isForced(request, name);
    if (forced) chosen = true;
    if (Object.keys(fields).length > 0 || tools.length > 0 || isBarred(request, name)) {
      target.notes.add(
        path,
        'dropped',
        chosen ? 'one web search is enough' : 'it is not to be called, or asked for twice',
      );
      return;
    }
    if (dialect.webSearch === OPTIONS) Object.assign(fields, { [OPTIONS]: encodeOptions(webSearch, path, encoding) });
    // A plugin always searches, a tool where the model wants to.
    else if (forced) fields.plugins = withPlugin(request, encodePlugin(webSearch, path, encoding));
    else tools.push(encodeTool(webSearch, path, encoding));
  });
  return { fields, tools, chosen };
}

/** The choice names the search, or there is nothing else to call. */
function isForced({ toolChoice, tools }: ChatRequest, name: string): boolean {
  if (toolChoice?.type === 'tool') return toolChoice.name === name;
  return toolChoice?.type === 'required' && !tools.some(({ type }) => type === 'function');
}

function isBarred({ toolChoice }: ChatRequest, name: string): boolean {
  if (toolChoice?.type === 'allowed') return !toolChoice.names.includes(name);
  return toolChoice?.type === 'none';
}

/** What this format's client wrote, where the provider takes it. */
function ownFields(
  value: JsonObject,
  request: ChatRequest,
  { dialect }: Encoding,
): { readonly fields: JsonObject } | { readonly tool: JsonObject } | undefined {
  const takes = (field: string): boolean => dialect.parameters === 'all' || dialect.parameters.includes(field);
  if (value.type === OPTIONS) {
    return dialect.webSearch === OPTIONS || takes(OPTIONS) ? { fields: { [OPTIONS]: value[OPTIONS] } } : undefined;
  }
  if (value.type === PLUGIN) {
    if (!isObject(value.plugin) || !takes('plugins')) return undefined;
    return { fields: { plugins: withPlugin(request, value.plugin, count(value.at)) } };
  }
  return dialect.webSearch === 'openrouter' || dialect.parameters === 'all' ? { tool: value } : undefined;
}

function withPlugin({ extensions }: ChatRequest, plugin: JsonObject, at?: number): JsonValue[] {
  const others = extensions?.[ID]?.plugins;
  const plugins = Array.isArray(others) ? [...others] : [];
  plugins.splice(at ?? plugins.length, 0, plugin);
  return plugins;
}

function encodeOptions(search: WebSearch, path: string, { target }: Encoding): JsonObject {
  noteWebSearch(search, ['contextSize', 'userLocation'], path, target.notes);
  const { contextSize, userLocation } = search;
  return {
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', approximate: { ...userLocation } } }),
  };
}

function encodeTool(search: WebSearch, path: string, { target }: Encoding): JsonObject {
  const { maxResults, contextSize, allowedDomains, userLocation } = search;
  const blocked = blockedOf(search);
  const lists = blocked === undefined ? [] : (['blockedDomains'] as const);
  noteWebSearch(search, ['maxResults', 'contextSize', 'allowedDomains', 'userLocation', ...lists], path, target.notes);
  const parameters = {
    ...(maxResults === undefined ? {} : { max_results: maxResults }),
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...(allowedDomains === undefined ? {} : { allowed_domains: [...allowedDomains] }),
    ...(blocked === undefined ? {} : { excluded_domains: [...blocked] }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
  return { type: OPENROUTER_TOOL, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}

function encodePlugin(search: WebSearch, path: string, { target }: Encoding): JsonObject {
  const { maxUses, maxResults, allowedDomains, userLocation } = search;
  const blocked = blockedOf(search);
  const lists = blocked === undefined ? [] : (['blockedDomains'] as const);
  noteWebSearch(search, ['maxUses', 'maxResults', 'allowedDomains', 'userLocation', ...lists], path, target.notes);
  return {
    id: 'web',
    ...(maxUses === undefined ? {} : { max_uses: maxUses }),
    ...(maxResults === undefined ? {} : { max_results: maxResults }),
    ...(allowedDomains === undefined ? {} : { include_domains: [...allowedDomains] }),
    ...(blocked === undefined ? {} : { exclude_domains: [...blocked] }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
}

/** One list or the other. */
function blockedOf({ allowedDomains, blockedDomains }: WebSearch): readonly string[] | undefined {
  return allowedDomains === undefined ? blockedDomains : undefined;
}
