import { type Static, Type } from '@signalbox/kit';

const MIN = 1;

export const configSchema = Type.Object(
  {
    limits: Type.Record(Type.String({ minLength: 1 }), Type.Integer({ minimum: MIN }), {
      default: {},
      description:
        'Most output tokens per target, as `provider/model` with `*` for any text. The pattern with the longest literal ' +
        'start wins. `{"deepseek/*": 64000}`',
    }),
    default: Type.Optional(
      Type.Integer({
        minimum: MIN,
        description: 'Most output tokens for every other target. Without it they have no limit.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type MaxTokensConfig = Static<typeof configSchema>;
