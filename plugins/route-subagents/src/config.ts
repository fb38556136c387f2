import { type Static, Type } from '@signalbox/kit';

const target = Type.String({
  minLength: 3,
  description: 'Where the request goes, as `provider/model` or `provider/{model}`.',
});

export const configSchema = Type.Object(
  {
    agents: Type.Record(Type.String({ minLength: 1 }), Type.String({ minLength: 3 }), {
      default: {},
      description:
        'Target for a subagent, as `provider/model`, where `{model}` is the one that was asked for. The key is `Explore`, `general-purpose`, words from the first ' +
        'line of the agent’s own prompt (`*` for any text, upper and lower case alike), or an agent id. `*` alone is every subagent. ' +
        '`{"code reviewer": "deepseek/deepseek-v4-pro"}`',
    }),
    nested: Type.Optional(
      Type.String({
        minLength: 3,
        description: 'Target for subagents that a subagent started, where no name of `agents` but `*` fits.',
      }),
    ),
    prompts: Type.Array(
      Type.Object(
        {
          includes: Type.String({ minLength: 1, description: 'Text that stands in the prompt, letter by letter.' }),
          target,
        },
        { additionalProperties: false },
      ),
      {
        default: [],
        description:
          'Targets by what a subagent’s system prompt or task says, as `{includes, target}`. The first rule that fits decides.',
      },
    ),
    tags: Type.Boolean({
      default: true,
      description:
        'Whether `<signalbox-model>provider/model</signalbox-model>` and ' +
        '`<CCR-SUBAGENT-MODEL>provider,model</CCR-SUBAGENT-MODEL>` choose the target, and are taken out of the prompt.',
    }),
  },
  { additionalProperties: false },
);

export type SubagentsConfig = Static<typeof configSchema>;
