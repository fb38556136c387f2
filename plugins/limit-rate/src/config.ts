import { type Static, Type } from '@signalbox/kit';

const limitOptions = {
  requestsPerMinute: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Requests within any 60 seconds.' }),
  ),
  tokensPerMinute: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000_000_000,
      description: 'Tokens of prompts and answers within any 60 seconds.',
    }),
  ),
  concurrent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'Requests at once.' })),
  queue: Type.Optional(
    Type.Object(
      {
        maxWaitMs: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 240_000, description: 'The longest wait. Default: 30000.' }),
        ),
        maxQueued: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 100_000, description: 'How many may wait at once. Default: 100.' }),
        ),
      },
      {
        additionalProperties: false,
        description: 'Wait for a place instead of being refused at once, first come, first served.',
      },
    ),
  ),
};

const clientLimit = Type.Object(limitOptions, { additionalProperties: false });

const targetLimit = Type.Object(
  {
    ...limitOptions,
    per: Type.Optional(
      Type.Enum(['key', 'model', 'provider'], {
        description:
          'What is counted together: all that fits and has one key (the default), one model of one key, or a provider with all its keys.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** Limits that providers have published. */
export const PRESETS = {
  'openrouter-free': { requestsPerMinute: 20, per: 'provider', queue: { maxWaitMs: 60_000 } },
} as const satisfies Record<string, Static<typeof targetLimit>>;

export const configSchema = Type.Object(
  {
    clients: Type.Record(Type.String({ minLength: 1 }), clientLimit, {
      default: {},
      description:
        'Limits of each caller, by the name that `auth-api-key` gives; `*` stands for any text. The most exact name decides. `{"*": {"requestsPerMinute": 60}}`',
    }),
    targets: Type.Record(
      Type.String({ minLength: 1 }),
      Type.Union([Type.Enum(['openrouter-free'], { description: '20 requests per minute.' }), targetLimit]),
      {
        default: {},
        description:
          'Limits of targets, as `provider/model` with `*` for any text. All that fit hold. `openrouter-free` stands for 20 requests per minute over all that fit, with a queue of up to a minute. `{"openrouter/*:free": "openrouter-free"}`',
      },
    ),
    answerTokens: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 1_000,
      description:
        'Tokens that are reserved for an answer until its usage is known; fewer where a request asks for fewer.',
    }),
  },
  { additionalProperties: false },
);

export type RateConfig = Static<typeof configSchema>;
export type LimitConfig = Static<typeof targetLimit>;
