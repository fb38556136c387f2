import type { KeyedProvider } from './environment.ts';

/**
 * The model of each provider for whatever names none of its own, and for small jobs. State of November 2026; the ids
 * are those of `@anthropic-ai/sdk` 1.12.0, `openai` 7.57.0 and the model pages of OpenRouter, DeepSeek and Google. That `sol` is
 * OpenAI's large model and `luna` its small one is read from their order in the SDK.
 */
export const MODELS: Readonly<Record<KeyedProvider | 'demo', { readonly main: string; readonly small: string }>> = {
  anthropic: { main: 'claude-sonnet-5-5', small: 'claude-haiku-4-5-20251001' },
  openrouter: { main: '~anthropic/claude-sonnet-latest', small: '~anthropic/claude-haiku-latest' },
  deepseek: { main: 'deepseek-v4-pro', small: 'deepseek-flash' },
  openai: { main: 'gpt-6.1-sol', small: 'gpt-6-luna' },
  gemini: { main: 'gemini-4-argon', small: 'gemini-flash-lite-latest' },
  demo: { main: 'demo', small: 'demo' },
};
