import { type Static, type TSchema, Type } from '@signalbox/kit';
import { ORDER } from './order.ts';
import { DEFAULT_THRESHOLD_TOKENS } from './scenarios/long-context.ts';

const target = (description: string) => Type.Optional(Type.String({ minLength: 3, description }));

/** A target, or an object with the target and the options of that scenario. */
function scenario<const Options extends Readonly<Record<string, TSchema>>>(description: string, options: Options) {
  const object = Type.Object(
    { target: Type.String({ minLength: 3, description: 'Where these requests go.' }), ...options },
    { additionalProperties: false },
  );
  return Type.Optional(Type.Union([Type.String({ minLength: 3 }), object], { description }));
}

export const configSchema = Type.Object(
  {
    default: target(
      'Target for every model that nothing else decides. `{model}` is the model as asked for, in every target.',
    ),
    background: scenario(
      'Target for the small jobs of a client: requests for a small model, titles, page summaries, safety checks, whatever patterns `models` has for their names. ' +
        'Or `{ target, sideRequests }`.',
      {
        sideRequests: Type.Optional(
          Type.Boolean({
            description: 'Also recognise small jobs that come under another model’s name. Default: true.',
          }),
        ),
      },
    ),
    backgroundModels: Type.Array(Type.String({ minLength: 1 }), {
      default: ['*haiku*'],
      description: 'Which models are background work, as names with `*` for any text, in capitals or not.',
    }),
    think: scenario('Target for requests with thinking switched on. Or `{ target, minBudgetTokens, minEffort }`.', {
      minBudgetTokens: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Smallest thinking budget that counts, in tokens. Default: 1.' }),
      ),
      minEffort: Type.Optional(
        Type.Enum(['minimal', 'low', 'medium', 'high', 'xhigh', 'max'], {
          description: 'Lowest effort that counts, where the request names one. Default: low.',
        }),
      ),
    }),
    longContext: scenario('Target for long prompts. Or `{ target, thresholdTokens }`.', {
      thresholdTokens: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: `Prompts over this many tokens, by estimate, are long. Default: ${DEFAULT_THRESHOLD_TOKENS}.`,
        }),
      ),
    }),
    webSearch: target('Target for requests that want the provider to search the web.'),
    image: target('Target for conversations with an image in them, tool results included.'),
    compact: target('Target for the request that summarises a conversation to make it shorter.'),
    subagent: target('Target for the requests of Claude Code’s subagents.'),
    order: Type.Optional(
      Type.Array(Type.Enum([...ORDER]), {
        uniqueItems: true,
        description:
          'What to ask first; the others follow in their usual order. `models` stands for the patterns of `models`.',
      }),
    ),
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
