import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    larger: Type.Record(Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 3 }), { minItems: 1 }), {
      default: {},
      description:
        'Targets with a larger window, in order, for a first target (`provider/model`) or a model as asked for, which are taken where nothing of the plan is large enough; `*` stands for any text, `{model}` is the model of the first target. `{"deepseek/*": ["openrouter/google/gemini-2.5-pro"]}`',
    }),
    margin: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 3,
        description:
          'What the estimate of the prompt is multiplied by, as it may be too low. Default: as much as it was too low lately for that target, and at least 1.05; 1.27 while that is not known, but no prompt is refused for more than 1.05.',
      }),
    ),
    maxReservedTokens: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'So many tokens of the window are kept free for the answer, if as many are asked for; what is asked for beyond that is lowered to what the prompt leaves. Default: 4096, but no more than an eighth of the window.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type ContextConfig = Static<typeof configSchema>;
