import { type Static, Type } from '@signalbox/kit';

const target = Type.String({ minLength: 3 });

const share = Type.Object(
  {
    target: Type.String({ minLength: 3, description: '`provider/model`.' }),
    weight: Type.Number({ minimum: 0, description: 'Its share, beside the other weights of the list.' }),
  },
  { additionalProperties: false },
);

const rule = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, description: 'What the reason calls it. Default: its place.' })),
    when: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The condition, an expression in CEL. Default: always. `model.fits("claude-*") && tokens > 60000`',
      }),
    ),
    to: Type.Union([target, Type.Array(target, { minItems: 1 }), Type.Array(share, { minItems: 1 })], {
      description:
        'A target; several, the later ones for when the first fails; or `[{ target, weight }, …]`, one of which is ' +
        'drawn for each session. `{model}` is the model as asked for.',
    }),
    overrules: Type.Optional(
      Type.Boolean({
        description:
          'Also decides where the client names its target itself (`provider/model`, an alias), which otherwise is asked. Default: false.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const configSchema = Type.Object(
  {
    rules: Type.Array(rule, {
      minItems: 1,
      description: 'Asked in order; the first one whose condition holds decides.',
    }),
  },
  { additionalProperties: false },
);

export type RulesConfig = Static<typeof configSchema>;
export type Rule = RulesConfig['rules'][number];
