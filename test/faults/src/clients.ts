import type { ClientKind } from './kinds.ts';
import { anthropicClient } from './wire/anthropic-messages.ts';
import { geminiClient } from './wire/gemini.ts';
import { ollamaClient } from './wire/ollama.ts';
import { chatClient } from './wire/openai-chat.ts';
import { responsesClient } from './wire/openai-responses.ts';

/** All client formats that there are. */
export const clients: readonly ClientKind[] = [
  anthropicClient,
  chatClient,
  responsesClient,
  geminiClient,
  ollamaClient,
];
