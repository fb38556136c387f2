import { type Static, Type } from '@signalbox/kit';

const target = (description: string) => Type.Optional(Type.String({ minLength: 3, description }));

export const configSchema = Type.Object(
  {
    default: target('Target for every model that nothing else decides. `{model}` is the model as asked for.'),
    background: target('Target for the small jobs that a client gives to a small model. `{model}` works here, too.'),
    backgroundModels: Type.Array(Type.String({ minLength: 1 }), {
      default: ['*haiku*'],
      description: 'Which models are background work, as names with `*` for any text.',
    }),
    models: Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 3 }), {
      default: {},
      description:
        'Target for a model name, or for a pattern: what `*` stands for fills the `*` of the target, `{model}` is the ' +
        'whole name. `{"claude-*": "openrouter/anthropic/claude-*"}`',
    }),
  },
  { additionalProperties: false },
);

export type ScenariosConfig = Static<typeof configSchema>;
