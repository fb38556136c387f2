import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    larger: Type.Record(Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 3 }), { minItems: 1 }), {
      default: {},
      description:
        'Targets with a larger window, in order, for a first target (`provider/model`) or a model as asked for, which are taken where nothing of the plan is large enough; `*` stands for any text, `{model}` is the model of the first target. `{"deepseek/*": ["openrouter/google/gemini-2.5-pro"]}`',
    }),
    margin: Type.Number({
      minimum: 1,
      maximum: 3,
      default: 1.05,
      description: 'What the estimate of the prompt is multiplied by, as it may be too low.',
    }),
    maxReservedTokens: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'At most so many tokens of the window are kept free for the answer. Default: all that the client asks for, up to the model’s own limit.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type ContextConfig = Static<typeof configSchema>;
