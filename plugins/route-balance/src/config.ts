import { type Static, Type } from '@signalbox/kit';

export const POLICIES = ['weighted', 'least-busy', 'fastest', 'in-order'] as const;

export type Policy = (typeof POLICIES)[number];

const target = Type.String({ minLength: 3, description: '`provider/model`; `{model}` is the model as asked for.' });
const ms = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000, description }));

export const configSchema = Type.Object(
  {
    groups: Type.Record(
      Type.String({ minLength: 1 }),
      Type.Object(
        {
          targets: Type.Array(
            Type.Union([
              target,
              Type.Object(
                {
                  target,
                  weight: Type.Optional(
                    Type.Number({
                      minimum: 0,
                      maximum: 1_000_000,
                      description: 'Its share beside the others. Default: 1. With 0 it only stands behind them.',
                    }),
                  ),
                },
                { additionalProperties: false },
              ),
            ]),
            { minItems: 1, description: 'Targets, as texts or as `{target, weight}`.' },
          ),
          policy: Type.Optional(
            Type.Enum([...POLICIES], { description: 'How the first one is picked. Default: `weighted`.' }),
          ),
        },
        { additionalProperties: false },
      ),
      {
        default: {},
        description:
          'Targets that share the requests for a name, as `{targets, policy}`. The name is a model as clients ask for it or the first target of another plugin’s plan; `*` stands for any text.',
      },
    ),
    keys: Type.Enum([...POLICIES], {
      default: 'least-busy',
      description: 'How one of a provider’s `apiKeys` is picked. `in-order`: the next one only while the first rests.',
    }),
    cooldown: Type.Optional(
      Type.Object(
        {
          rateLimitedMs: ms('After a rate limit that does not say when it ends (429). Default: 15000.'),
          refusedMs: ms('After a refused key (401, 403). Default: 300000.'),
          exhaustedMs: ms('After an empty account or a used-up quota (402, 429). Default: 900000.'),
          maxMs: ms('The longest `retry-after` that is believed. Default: 3600000.'),
        },
        { additionalProperties: false, description: 'How long a key or target stands behind the others.' },
      ),
    ),
  },
  { additionalProperties: false },
);

export type BalanceConfig = Static<typeof configSchema>;
