import { openaiChat } from '@signalbox/format-openai-chat';
import { commonProvider, credentialFor, defineProvider, providerOptions, Type } from '@signalbox/kit';

const configSchema = Type.Object(
  {
    ...providerOptions,
    apiKey: Type.String({ minLength: 1, description: 'Sent as X-Acme-Key.' }),
    baseUrl: Type.String({
      pattern: '^https?://',
      default: 'https://api.acme.example/v2',
      description: 'Where ACME answers, without a slash at the end.',
    }),
    region: Type.Optional(Type.String({ description: 'Keeps requests in this region.' })),
  },
  { additionalProperties: false },
);

/** ACME speaks OpenAI Chat with three differences: its key header, its thinking switch, and one error code. */
export default defineProvider({
  id: 'acme',
  configSchema,
  create: (options) => ({
    ...commonProvider(options),
    format: openaiChat.with({
      maxTokensField: 'max_tokens',
      reasoningField: 'reasoning_content',
      thinking: 'enable_thinking',
      errorMeanings: { acme_wallet_empty: 'billing' },
    }),
    reasoningOrigin: 'acme',
    acceptsVerbatim: () => false,
    endpoint: (call) => ({
      url: `${options.baseUrl}/chat/completions`,
      headers: { ...options.headers, 'x-acme-key': credentialFor(call, options) ?? '' },
    }),
    adaptBody: (body) => (options.region === undefined ? body : { ...body, region: options.region }),
  }),
});
