import { providerOptions, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    baseUrl: Type.String({
      pattern: '^https?://',
      default: 'http://127.0.0.1:11434',
      description: 'Where Ollama is, without `/api`. Hosted models: `https://ollama.com`, with a key.',
    }),
    apiKey: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'API key, best read from the environment. A local Ollama needs none.',
      }),
    ),
    numCtx: Type.Optional(
      Type.Integer({
        minimum: 512,
        description: 'A fixed context window in tokens, for every model. Without it the window is sized to the prompt.',
      }),
    ),
    maxNumCtx: Type.Optional(
      Type.Integer({
        minimum: 512,
        description: 'The largest window in tokens that is asked for, where memory is short. Default: the model’s own.',
      }),
    ),
    keepAlive: Type.Optional(
      Type.Union([Type.String({ pattern: '^-?([0-9.]+(ms|s|m|h))+$' }), Type.Number()], {
        description:
          'How long a model stays in memory: `"30m"`, or seconds; negative: for ever. Default: Ollama’s own, 5 minutes.',
      }),
    ),
    thinkingUnsaid: Type.Enum(['enabled', 'disabled', 'omit'], {
      default: 'disabled',
      description:
        'What is sent for a client that says nothing about reasoning. Ollama itself would think (`omit`); such clients ' +
        'mostly expect a fast answer. Not for clients of Ollama’s own format.',
    }),
    thinkingLevels: Type.Array(Type.String({ minLength: 1 }), {
      default: ['*gpt-oss*', '*:cloud', '*-cloud'],
      description: 'Models (with `*`) that know how hard to think. For others a level is sent as `true`.',
    }),
    loadOptions: Type.Boolean({
      default: false,
      description:
        'Whether clients of Ollama’s own format may say how a model is loaded (`num_gpu`, `num_thread`, …), which loads it anew.',
    }),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type OllamaConfig = Static<typeof configSchema>;
