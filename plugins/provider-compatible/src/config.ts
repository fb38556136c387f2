import { providerOptions, type Static, Type } from '@signalbox/kit';
import { anthropicDialectSchema } from './anthropic-dialect.ts';
import { chatDialectSchema } from './chat-dialect.ts';

export const configSchema = Type.Object(
  {
    ...providerOptions,
    name: Type.String({ pattern: '^[A-Za-z0-9_.-]+$', description: 'The name targets use: `name/model`.' }),
    baseUrl: Type.String({
      pattern: '^https?://',
      description: 'What the server’s documentation calls its base URL: `http://localhost:11434/v1`.',
    }),
    format: Type.Enum(['openai-chat', 'anthropic-messages'], {
      default: 'openai-chat',
      description: 'The wire format that it speaks.',
    }),
    path: Type.Optional(
      Type.String({
        pattern: '^/',
        description: 'What follows the base URL. Default: `/chat/completions`, or `/v1/messages`.',
      }),
    ),
    apiKey: Type.Optional(Type.String({ minLength: 1, description: 'Its key, where it wants one.' })),
    authHeader: Type.Enum(['authorization', 'x-api-key', 'api-key'], {
      default: 'authorization',
      description: 'The header for the key; `authorization` sends it as a Bearer token.',
    }),
    betas: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Values of `anthropic-beta` that the server knows; those of a client that are not listed are left out.',
    }),
    verbatim: Type.Optional(
      Type.Boolean({
        description:
          'Send the body of a client of the same format as it came. Default: true for `openai-chat` without a `dialect`, else ' +
          'false: an Anthropic client’s betas and extra fields are for Anthropic.',
      }),
    ),
    dialect: Type.Optional(chatDialectSchema),
    anthropic: Type.Optional(anthropicDialectSchema),
  },
  { additionalProperties: false },
);

export type CompatibleConfig = Static<typeof configSchema>;
