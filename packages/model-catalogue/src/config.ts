import { type Static, Type } from '@signalbox/kit';

const price = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

const tokenPrices = {
  input: price('Prompt tokens that no cache served.'),
  output: price('Completion tokens, reasoning included.'),
  cacheRead: price('Prompt tokens read from a cache.'),
  cacheWrite: price('Prompt tokens written to a cache, in place of `input`.'),
  cacheWrite1h: price('Prompt tokens written to a cache for an hour, in place of `cacheWrite`.'),
};

const capability = Type.Optional(Type.Boolean());

const override = Type.Object(
  {
    displayName: Type.Optional(Type.String({ minLength: 1 })),
    contextTokens: Type.Optional(Type.Integer({ minimum: 1 })),
    maxOutputTokens: Type.Optional(Type.Integer({ minimum: 1 })),
    prices: Type.Optional(
      Type.Object(
        {
          ...tokenPrices,
          tiers: Type.Optional(
            Type.Array(
              Type.Object(
                { abovePromptTokens: Type.Integer({ minimum: 1 }), ...tokenPrices },
                { additionalProperties: false },
              ),
              { description: 'Other prices for longer prompts, in ascending order.' },
            ),
          ),
        },
        { additionalProperties: false, description: 'In USD per million tokens; they replace all other prices.' },
      ),
    ),
    capabilities: Type.Optional(
      Type.Object(
        {
          images: capability,
          documents: capability,
          tools: capability,
          reasoning: capability,
          structuredOutput: capability,
          webSearch: capability,
          prefill: capability,
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export const configSchema = Type.Object(
  {
    providers: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
      default: {},
      description:
        'Which provider of the catalogue one of yours is, where their names differ: `{"work": "openai"}`. ' +
        'Its prices are used only where this or the name itself says so.',
    }),
    overrides: Type.Record(Type.String({ minLength: 1 }), override, {
      default: {},
      description:
        'What you know better, by `provider/model`, or a pattern with `*`: `contextTokens`, `maxOutputTokens`, `prices`, ' +
        '`capabilities`, `displayName`. It goes before everything else.',
    }),
    refreshHours: Type.Number({
      minimum: 0,
      maximum: 500,
      default: 24,
      description: 'How often the providers are asked for their lists of models; 0: never.',
    }),
    cacheFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Where their last good answers are kept, relative to the config. Default: `signalbox/models.json` in ' +
          '`$XDG_CACHE_HOME` or `~/.cache`.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type CatalogueConfig = Static<typeof configSchema>;
