import type { ClientKind } from '../wire.ts';
import { anthropicClient } from './anthropic-messages.ts';
import { geminiClient } from './gemini.ts';
import { ollamaClient } from './ollama.ts';
import { chatClient } from './openai-chat.ts';
import { responsesClient } from './openai-responses.ts';

export const clients: readonly ClientKind[] = [
  anthropicClient,
  chatClient,
  responsesClient,
  geminiClient,
  ollamaClient,
];
