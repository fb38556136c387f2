import type { ProviderKind } from '../wire.ts';
import { anthropicProvider } from './anthropic-messages.ts';
import { geminiProvider } from './gemini.ts';
import { ollamaProvider } from './ollama.ts';
import { chatProvider } from './openai-chat.ts';
import { responsesProvider } from './openai-responses.ts';

export const providers: readonly ProviderKind[] = [
  anthropicProvider,
  chatProvider,
  responsesProvider,
  geminiProvider,
  ollamaProvider,
];
