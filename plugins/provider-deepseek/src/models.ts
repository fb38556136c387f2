import type { ModelInfo } from '@signalbox/kit';

/** DeepSeek's own list has ids alone. State of November 2026. */
export const MODELS: readonly ModelInfo[] = [
  { id: 'deepseek-v4-pro', displayName: 'DeepSeek V4 Pro', contextTokens: 1_000_000, maxOutputTokens: 384_000 },
  { id: 'deepseek-flash', displayName: 'DeepSeek V4.1 Flash', contextTokens: 1_000_000, maxOutputTokens: 384_000 },
];
