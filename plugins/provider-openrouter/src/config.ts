import { type JsonObject, providerOptions, type Static, Type } from '@signalbox/kit';
import { routingSchema } from './routing-schema.ts';

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
      default: 'https://openrouter.ai/api/v1',
      description: 'Where the API is, without `/chat/completions` or `/messages`.',
    }),
    skin: Type.Enum(['chat', 'anthropic'], {
      default: 'chat',
      description: 'Which of OpenRouter’s surfaces to call: Chat Completions, or Anthropic Messages.',
    }),
    provider: Type.Optional(routingSchema),
    fallbackModels: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Models that OpenRouter tries after the one asked for (its `models`), at their own prices.',
      }),
    ),
    plugins: Type.Optional(
      Type.Array(Type.Unsafe<JsonObject>({ type: 'object', required: ['id'] }), {
        description: 'OpenRouter’s plugins with their options: `[{"id": "web"}]`.',
      }),
    ),
    referer: Type.Optional(
      Type.String({ minLength: 1, description: 'URL of your app, for OpenRouter’s attribution.' }),
    ),
    title: Type.Optional(Type.String({ minLength: 1, description: 'Name of your app. Counts only with `referer`.' })),
    categories: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'Categories of your app. Count only with `referer`.' }),
    ),
    metadata: Type.Optional(Type.Boolean({ description: 'Ask OpenRouter to say in its replies how it routed.' })),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type OpenRouterConfig = Static<typeof configSchema>;
