import type { Format } from '@signalbox/kit';
import { clientLaws } from './client-laws.ts';
import { encoderLaws } from './encoder-laws.ts';
import { errorLaws } from './error-laws.ts';
import { readFixtures } from './fixtures.ts';
import type { FormatOptions } from './format-context.ts';
import type { Law } from './law.ts';
import { lossLaws } from './loss-laws.ts';
import { relayLaws } from './relay-laws.ts';
import { replyLaws } from './reply-laws.ts';
import { requestLaws } from './request-laws.ts';
import { robustnessLaws } from './robustness-laws.ts';
import { targetLaws } from './target-laws.ts';

/** Everything a wire format owes, over its fixtures and over made-up values. */
export function formatLaws(format: Format, options: FormatOptions = {}): Law[] {
  const { fixtures = [] } = options;
  const cases = Array.isArray(fixtures) ? fixtures : readFixtures(fixtures as string | URL);
  return [
    ...cases.flatMap((fixture) => [
      ...requestLaws(format, fixture, options),
      ...replyLaws(format, fixture, options),
      ...relayLaws(format, fixture, options),
    ]),
    ...encoderLaws(format, options),
    ...lossLaws(format, options),
    ...targetLaws(format, options),
    ...clientLaws(format, options),
    ...errorLaws(format, options),
    ...robustnessLaws(format, cases, options),
  ];
}
