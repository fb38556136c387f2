import { type Static, Type } from '@signalbox/kit';

/** The failures that another provider, or another model, may mend. */
export const FAILURES = [
  'PROVIDER_UNREACHABLE',
  'PROVIDER_OVERLOADED',
  'PROVIDER_FAILED',
  'PROVIDER_AUTH',
  'PROVIDER_BILLING',
  'PROVIDER_REJECTED',
  'REQUEST_TOO_LARGE',
  'UNSUPPORTED',
  'QUOTA_EXHAUSTED',
  'RATE_LIMITED',
  'MODEL_NOT_FOUND',
  'NO_ROUTE',
  'CONTEXT_OVERFLOW',
  'CONTENT_REFUSED',
  'IMAGE_REJECTED',
  'CUT_STREAM',
  'MALFORMED_REPLY',
  'EMPTY_REPLY',
  'CONNECT_TIMEOUT',
  'HEADERS_TIMEOUT',
  'FIRST_EVENT_TIMEOUT',
  'IDLE_TIMEOUT',
  'TOTAL_TIMEOUT',
] as const;

const target = Type.String({ minLength: 3 });
const ms = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000, description }));

export const configSchema = Type.Object(
  {
    fallbacks: Type.Record(Type.String({ minLength: 1 }), Type.Array(target), {
      default: {},
      description:
        'Targets behind the first one, in order, for a first target (`provider/model`), a model as asked for, or a scenario (`scenario:background`); `*` stands for any text. `{model}` in a target is the model of the first target. `{"anthropic/*": ["openrouter/anthropic/{model}"]}`',
    }),
    default: Type.Array(target, {
      default: [],
      description: 'Targets behind a first one that nothing in `fallbacks` fits.',
    }),
    on: Type.Optional(
      Type.Array(Type.Enum([...FAILURES]), {
        minItems: 1,
        description:
          'Codes of the errors that move on to the next target; with `CONTENT_REFUSED` also a refusal inside a 200, before its first content. Default: all that docs/errors.md says yes to.',
      }),
    ),
    onCut: Type.Optional(
      Type.Enum(['fail', 'continue'], {
        description:
          'What follows a stream that breaks off in the middle of its text. `fail`: an error event. `continue`: the same target, or one behind it, goes on from there if its model takes a prefill and no tool was called. Default: fail.',
      }),
    ),
    retry: Type.Optional(
      Type.Object(
        {
          maxRetries: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 10,
              description: 'How often a target is tried again before the next one. Default: 1.',
            }),
          ),
          baseDelayMs: ms('The wait is drawn evenly from 0 to this, doubled with every retry. Default: 500.'),
          maxDelayMs: ms('What the doubling ends at. Default: 2000.'),
          maxRetryAfterMs: ms(
            'The longest `retry-after` of a provider that is waited for; a longer one means the next target. Default: 2000.',
          ),
        },
        { additionalProperties: false, description: 'Tries of the same target before the next one.' },
      ),
    ),
  },
  { additionalProperties: false },
);

export type FallbackConfig = Static<typeof configSchema>;
