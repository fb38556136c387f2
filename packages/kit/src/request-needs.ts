import type { Block, ChatRequest, ModelCapabilities, Tool } from '@signalbox/spec';

export type Capability = keyof ModelCapabilities;

/**
 * Whether a request needs this of a model to keep its whole meaning. An effort alone asks for reasoning, though in some
 * formats it is about the whole answer.
 */
export function needsCapability(request: ChatRequest, capability: Capability): boolean {
  switch (capability) {
    case 'images':
      return holds(request, 'image');
    case 'documents':
      return holds(request, 'document');
    case 'tools':
      return request.tools.some((tool) => !isWebSearch(tool));
    case 'webSearch':
      return request.tools.some(isWebSearch) || hasSearchOptions(request);
    case 'structuredOutput':
      return request.responseFormat !== undefined;
    case 'reasoning':
      return asksForReasoning(request);
    case 'prefill':
      return request.messages.at(-1)?.role === 'assistant';
  }
}

function holds({ messages }: ChatRequest, type: 'image' | 'document'): boolean {
  const isOne = (block: Block): boolean => {
    if (block.type === type) return true;
    if (block.type === 'tool-result') return block.content.some(isOne);
    return block.type === 'document' && block.source.type === 'content' && block.source.content.some(isOne);
  };
  return messages.some(({ content }) => content.some(isOne));
}

function asksForReasoning(request: ChatRequest): boolean {
  const { mode, effort } = request.reasoning ?? {};
  if (mode !== undefined) return mode !== 'disabled';
  if (thinksByTemplate(request)) return true;
  return effort !== undefined && effort !== 'none' && effort !== 'minimal';
}

/** Thinking is switched on for the model's template, as servers of open models have it: `chat_template_kwargs`. */
export function thinksByTemplate({ extensions }: ChatRequest): boolean {
  return Object.values(extensions ?? {}).some(({ chat_template_kwargs: options }) => {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) return false;
    return options.enable_thinking === true || options.thinking === true;
  });
}

/** Run by the provider: `web_search_20250305`, `vendor:web_search`, `{ googleSearch: {} }`. A client's own is none. */
function isWebSearch(tool: Tool): boolean {
  if (tool.type !== 'opaque') return false;
  if (tool.webSearch !== undefined) return true;
  const { type, googleSearch, google_search } = tool.value;
  if (googleSearch !== undefined || google_search !== undefined) return true;
  return typeof type === 'string' && /^(\w+:)?web_search/.test(type);
}

function hasSearchOptions({ extensions }: ChatRequest): boolean {
  return Object.values(extensions ?? {}).some(({ web_search_options }) => web_search_options !== undefined);
}
