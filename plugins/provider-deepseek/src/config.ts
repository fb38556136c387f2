import { providerOptions, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    apiKey: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'API key, best read from the environment. Needed unless `forwardCallerKey`.',
      }),
    ),
    baseUrl: Type.String({
      pattern: '^https?://',
      default: 'https://api.deepseek.com',
      description: 'Where the API is, without `/chat/completions` or `/anthropic`.',
    }),
    skin: Type.Enum(['chat', 'anthropic'], {
      default: 'chat',
      description:
        'Which of DeepSeek’s two surfaces to call: Chat Completions, or its imitation of Anthropic Messages.',
    }),
    thinkingUnsaid: Type.Enum(['enabled', 'disabled', 'omit'], {
      default: 'disabled',
      description:
        'What is sent for a client that says nothing about reasoning. DeepSeek itself would think (`omit`); such clients ' +
        'mostly expect a fast answer. Chat only.',
    }),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type DeepSeekConfig = Static<typeof configSchema>;
