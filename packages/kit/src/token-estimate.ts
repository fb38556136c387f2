import type { Block, ChatRequest } from '@signalbox/spec';

const CHARS_PER_TOKEN = 3.6;
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_TOOL = 12;
const TOKENS_PER_IMAGE = 1_600;
const TOKENS_PER_PDF_KIB = 12;

/**
 * Estimates the prompt's size in tokens from its length alone: system, messages, tool definitions, tool results and
 * media all count. Made for display and for routing thresholds, not for billing; no tokenizer runs on the hot path.
 */
export function estimatePromptTokens(request: ChatRequest): number {
  let chars = 0;
  let tokens = 0;
  for (const block of request.system) chars += block.text.length;
  for (const tool of request.tools) {
    tokens += TOKENS_PER_TOOL;
    if (tool.type === 'function') {
      chars += tool.name.length + (tool.description?.length ?? 0);
      if (tool.inputSchema !== undefined) chars += JSON.stringify(tool.inputSchema).length;
    } else {
      chars += JSON.stringify(tool.value).length;
    }
  }
  const add = (block: Block): void => {
    switch (block.type) {
      case 'text':
      case 'reasoning':
        chars += block.text.length;
        break;
      case 'tool-call':
        chars += block.name.length + (block.rawInput ?? JSON.stringify(block.input)).length;
        break;
      case 'tool-result':
        block.content.forEach(add);
        break;
      case 'image':
        tokens += TOKENS_PER_IMAGE;
        break;
      case 'document':
        if (block.source.type === 'text') chars += block.source.text.length;
        else if (block.source.type === 'content') block.source.content.forEach(add);
        else if (block.source.type === 'base64')
          tokens += (block.source.data.length * 0.75 * TOKENS_PER_PDF_KIB) / 1024;
        else tokens += TOKENS_PER_IMAGE;
        break;
      case 'opaque':
        chars += JSON.stringify(block.value).length;
    }
  };
  for (const message of request.messages) {
    tokens += TOKENS_PER_MESSAGE;
    message.content.forEach(add);
  }
  return Math.ceil(tokens + chars / CHARS_PER_TOKEN);
}
