import { type Static, Type } from '@signalbox/kit';

/** Failures that say something about the provider. */
export const FAILURES = [
  'PROVIDER_UNREACHABLE',
  'CONNECT_TIMEOUT',
  'HEADERS_TIMEOUT',
  'FIRST_EVENT_TIMEOUT',
  'IDLE_TIMEOUT',
  'TOTAL_TIMEOUT',
  'PROVIDER_FAILED',
  'PROVIDER_OVERLOADED',
  'CUT_STREAM',
  'MALFORMED_REPLY',
  'EMPTY_REPLY',
  'PROVIDER_AUTH',
  'PROVIDER_BILLING',
  'QUOTA_EXHAUSTED',
] as const;

/** Those that may be meant as well, and are not unless the options say so. */
const OTHERS = ['RATE_LIMITED', 'MODEL_NOT_FOUND'] as const;

export const configSchema = Type.Object(
  {
    consecutiveFailures: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 5,
      description: 'So many failures in a row open a circuit.',
    }),
    errorRate: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.5,
      description: 'So large a share of failures opens it, too.',
    }),
    minRequests: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 20,
      description: 'The share counts from so many answers within the window on.',
    }),
    windowMs: Type.Integer({
      minimum: 1_000,
      maximum: 3_600_000,
      default: 60_000,
      description: 'How far back the share looks.',
    }),
    openMs: Type.Integer({
      minimum: 1,
      maximum: 3_600_000,
      default: 10_000,
      description:
        'How long a circuit stays open at first, less up to a quarter at random. Doubles with every failed probe.',
    }),
    maxOpenMs: Type.Integer({
      minimum: 1,
      maximum: 86_400_000,
      default: 300_000,
      description: 'What the doubling, and a `retry-after`, end at.',
    }),
    on: Type.Array(Type.Enum([...FAILURES, ...OTHERS]), {
      minItems: 1,
      default: [...FAILURES],
      description: 'Codes of the errors that count as failures.',
    }),
  },
  { additionalProperties: false },
);

export type HealthConfig = Static<typeof configSchema>;
