import type { Block, ChatRequest, Tool } from '@signalbox/spec';
import { cachedTokensOfText } from './token-cache.ts';
import { tokensOfJson } from './token-json.ts';
import { tokensOfDocument, tokensOfImage } from './token-media.ts';

/** What stands around the contents in a model's own notation. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_TOOL = 12;
const TOKENS_PER_CALL = 8;
const TOKENS_PER_RESULT = 8;

/**
 * Estimates the prompt's size in tokens: system, messages, tool definitions, tool results and media all count. Made for
 * display, for routing thresholds and for reservations, not for billing; no tokenizer runs on the hot path, and what was
 * counted for an earlier request is not counted again. `docs/token-estimates.md` states its error.
 * @returns a whole number.
 */
export function estimatePromptTokens(request: ChatRequest): number {
  let tokens = 0;
  for (const block of request.system) tokens += cachedTokensOfText(block.text);
  for (const tool of request.tools) tokens += tokensOfTool(tool);
  for (const message of request.messages) tokens += TOKENS_PER_MESSAGE + tokensOfBlocks(message.content);
  if (request.responseFormat?.type === 'json-schema') tokens += tokensOfJson(request.responseFormat.schema);
  return Math.ceil(tokens);
}

function tokensOfTool(tool: Tool): number {
  if (tool.type === 'opaque') return TOKENS_PER_TOOL + tokensOfJson(tool.value);
  const { name, description = '', inputSchema } = tool;
  return TOKENS_PER_TOOL + cachedTokensOfText(name) + cachedTokensOfText(description) + tokensOfJson(inputSchema);
}

function tokensOfBlocks(blocks: readonly Block[]): number {
  let tokens = 0;
  for (const block of blocks) tokens += tokensOfBlock(block);
  return tokens;
}

function tokensOfBlock(block: Block): number {
  switch (block.type) {
    case 'text':
    case 'reasoning':
      return cachedTokensOfText(block.text);
    case 'tool-call': {
      const { name, input, rawInput } = block;
      const tokens = rawInput === undefined ? tokensOfJson(input) : cachedTokensOfText(rawInput);
      return TOKENS_PER_CALL + cachedTokensOfText(name) + tokens;
    }
    case 'tool-result':
      return TOKENS_PER_RESULT + tokensOfBlocks(block.content);
    case 'image':
      return tokensOfImage(block.source);
    case 'document': {
      const { source, title = '', context = '' } = block;
      const words = cachedTokensOfText(title) + cachedTokensOfText(context);
      if (source.type === 'text') return words + cachedTokensOfText(source.text);
      if (source.type === 'content') return words + tokensOfBlocks(source.content);
      return words + tokensOfDocument(source);
    }
    case 'opaque':
      return tokensOfJson(block.value);
  }
}
