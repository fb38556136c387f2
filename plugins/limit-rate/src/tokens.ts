import type { AttemptRecord, Exchange } from '@signalbox/kit';

/** What a request is expected to use, in tokens. */
export interface Estimate {
  readonly prompt: number;
  readonly answer: number;
}

export const NOTHING: Estimate = Object.freeze({ prompt: 0, answer: 0 });

/** Decodes the request: ask only where tokens are limited. */
export function estimate(exchange: Exchange, answerTokens: number): Estimate {
  const { maxOutputTokens = answerTokens } = exchange.request;
  return { prompt: exchange.estimatePromptTokens(), answer: Math.min(answerTokens, maxOutputTokens) };
}

/** What a try has used: what the provider reported, else what it was expected to, unless it came to nothing. */
export function usedBy({ outcome, usage, committedMs }: AttemptRecord, { prompt, answer }: Estimate): number {
  if (usage !== undefined) {
    const { promptTokens = prompt, completionTokens = committedMs === undefined ? 0 : answer } = usage;
    return promptTokens + completionTokens;
  }
  return outcome === 'skipped' || outcome === 'failed' ? 0 : prompt + answer;
}
