import { providerOptions, type Static, Type } from '@signalbox/kit';
import { anthropicDialectSchema } from './anthropic-dialect.ts';
import { chatDialectSchema } from './chat-dialect.ts';
import { errorPatternSchema } from './error-patterns.ts';
import { profileIds } from './profiles/index.ts';
import { tokenCountsSchema } from './token-counts.ts';

export const configSchema = Type.Object(
  {
    ...providerOptions,
    profile: Type.Optional(
      Type.Enum([...profileIds], {
        description: 'A server that is known by name: fills in what follows. Every option that is given as well wins.',
      }),
    ),
    name: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_.-]+$',
        description: 'The name targets use: `name/model`. Default: that of the profile; needed without one.',
      }),
    ),
    baseUrl: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description:
          'What the server’s documentation calls its base URL: `http://localhost:11434/v1`. Needed unless a profile has one.',
      }),
    ),
    format: Type.Enum(['openai-chat', 'anthropic-messages'], {
      default: 'openai-chat',
      description: 'The wire format that it speaks.',
    }),
    path: Type.Optional(
      Type.String({
        pattern: '^/',
        description:
          'What follows the base URL; `{model}` stands for the target’s model. Default: `/chat/completions`, or `/v1/messages`.',
      }),
    ),
    query: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'What follows the `?` of every call: `{"api-version": "2024-10-21"}`. No place for keys.',
      }),
    ),
    apiKey: Type.Optional(Type.String({ minLength: 1, description: 'Its key, where it wants one.' })),
    authHeader: Type.Optional(
      Type.Enum(['authorization', 'x-api-key', 'api-key'], {
        description:
          'The header for the key. Default: `authorization`, which sends it as a Bearer token, or that of the profile.',
      }),
    ),
    betas: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Values of `anthropic-beta` that the server knows; those of a client that are not listed are left out.',
    }),
    verbatim: Type.Optional(
      Type.Boolean({
        description:
          'Send the body of a client of the same format as it came. Default: true for `openai-chat` without a `dialect` and ' +
          'without a profile that needs another body, else false: an Anthropic client’s betas and extra fields are for Anthropic.',
      }),
    ),
    baseModels: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'What a model really is, where the profile cannot tell by its name, as with deployments: `{"prod": "gpt-5.4"}`.',
      }),
    ),
    dialect: Type.Optional(chatDialectSchema),
    anthropic: Type.Optional(anthropicDialectSchema),
    tokenCounts: Type.Optional(tokenCountsSchema),
    errors: Type.Optional(
      Type.Array(errorPatternSchema, {
        description: 'Errors that say something else than their status, before those of the profile.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type CompatibleConfig = Static<typeof configSchema>;
