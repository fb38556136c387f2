import { providerOptions, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    apiKey: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'API key or OAuth token, best read from the environment. Needed unless `forwardCallerKey`.',
      }),
    ),
    baseUrl: Type.String({
      pattern: '^https?://',
      default: 'https://api.anthropic.com',
      description: 'Where the API is, without `/v1/messages`.',
    }),
    version: Type.Enum(['2023-06-01', '2026-10-21'], {
      default: '2023-06-01',
      description:
        '`anthropic-version` for clients of other formats; an Anthropic client’s own goes on as it came. Sampling parameters need the older one and get it.',
    }),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type AnthropicConfig = Static<typeof configSchema>;
