import { SignalboxError } from '@signalbox/kit';
import { OverLimit } from './limiter.ts';
import type { Rule } from './rules.ts';
import type { Estimate } from './tokens.ts';

/** Claude Code waits for up to this, and gives up at once on more. */
const LONGEST_WAIT_SECONDS = 60;

interface Refused {
  /** Whose limit it is, for the message. */
  readonly who: string;
  readonly rule: Rule;
  readonly expected: Estimate;
  /** Whether another target may take the request. */
  readonly retryable: boolean;
}

/** The 429 for a limit that is reached; anything else is handed on. */
export function overLimitError(error: unknown, { who, rule, expected, retryable }: Refused): unknown {
  if (!(error instanceof OverLimit)) return error;
  const { limit, waitMs } = error;
  const place = `limit-rate, ${rule.place}`;
  if (waitMs === undefined) {
    const tokens = expected.prompt + expected.answer;
    return new SignalboxError(
      'RATE_LIMITED',
      `This request is expected to use ${tokens} tokens, and ${who} has a limit of ${limit} (${place}): no wait can help.`,
      { status: 429, retryable, shouldRetry: false },
    );
  }
  const seconds = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil(waitMs / 1_000)));
  return new SignalboxError(
    'RATE_LIMITED',
    `${who} is at the limit of ${limit} (${place}). Try again in ${seconds} s.`,
    { status: 429, retryable, retryAfterSeconds: seconds },
  );
}
