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
      default: 'https://api.openai.com/v1',
      description: 'Where the API is, without `/responses` or `/chat/completions`.',
    }),
    surface: Type.Enum(['auto', 'chat', 'responses'], {
      default: 'auto',
      description: 'Which of the two APIs is called; `auto` chooses by model and client.',
    }),
    organization: Type.Optional(Type.String({ minLength: 1, description: 'Sent as `OpenAI-Organization`.' })),
    project: Type.Optional(Type.String({ minLength: 1, description: 'Sent as `OpenAI-Project`.' })),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type OpenAiConfig = Static<typeof configSchema>;
