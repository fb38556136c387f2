import { gemini, vertexDialect } from '@signalbox/format-gemini';
import { commonProvider, credentialFor, defineProvider } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { countTokensBody } from './count-tokens.ts';
import { credentials } from './credentials.ts';
import { callUrl, modelsBase } from './endpoint.ts';
import { listModels } from './list-models.ts';
import { SignatureMemory } from './signature-memory.ts';
import { acceptsVerbatim } from './verbatim.ts';

export type { GeminiConfig } from './config.ts';

/** Google's Gemini: the Gemini API of AI Studio, or Vertex AI. */
export default defineProvider({
  id: 'gemini',
  configSchema,
  create: (options) => {
    const { vertex } = options;
    const authorise = credentials(options);
    const base = modelsBase(options);
    const dialect = vertex === undefined ? {} : vertexDialect;
    return {
      ...commonProvider(options),
      // Clients that know nothing of signatures give calls back without them: they are kept here, by call.
      format: gemini.with({ ...dialect, signatures: new SignatureMemory() }),
      reasoningOrigin: 'gemini',
      toolNames: { legal: /^[A-Za-z_][A-Za-z0-9_-]*$/, maxLength: 64 },
      countsTokens: true,
      endpoint: (call) => ({
        url: callUrl(base, call),
        headers: { ...authorise(credentialFor(call, options)), ...options.headers },
      }),
      acceptsVerbatim,
      adaptsVerbatim: ({ operation }) => operation === 'count-tokens',
      adaptBody: (body, { operation, model }) =>
        operation === 'count-tokens' ? countTokensBody(body, model, vertex !== undefined) : body,
      // Vertex AI's list of models says nothing about their limits.
      ...(vertex === undefined && options.forwardCallerKey !== true
        ? {
            fetchModels: (ask) =>
              listModels(ask, base, { ...authorise(options.apiKey ?? options.apiKeys?.[0]), ...options.headers }),
          }
        : {}),
    };
  },
});
