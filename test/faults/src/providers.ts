import type { ProviderKind } from './kinds.ts';
import { anthropicProvider } from './wire/anthropic-messages.ts';
import { geminiProvider } from './wire/gemini.ts';
import { ollamaProvider } from './wire/ollama.ts';
import { chatProvider } from './wire/openai-chat.ts';
import { responsesProvider } from './wire/openai-responses.ts';

/** All provider formats that there are. */
export const providers: readonly ProviderKind[] = [
  anthropicProvider,
  chatProvider,
  responsesProvider,
  geminiProvider,
  ollamaProvider,
];
