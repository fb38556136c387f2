import { commonProvider, defineProvider, ownKey, requireKey } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { callHeaders, fixedHeaders } from './headers.ts';
import { mergerFor } from './merge-options.ts';
import { decodeModels } from './models.ts';
import { anthropicSkin, chatSkin } from './skins.ts';

export type { OpenRouterConfig } from './config.ts';

/** OpenRouter with its routing options, through Chat Completions or its Anthropic surface. */
export default defineProvider({
  id: 'openrouter',
  configSchema,
  create: (options) => {
    requireKey(options);
    const { path, headers, ...skin } = options.skin === 'chat' ? chatSkin : anthropicSkin;
    const base = options.baseUrl.replace(/\/+$/, '');
    const url = `${base}${path}`;
    const key = ownKey(options);
    const fixed = fixedHeaders(options);
    const merge = mergerFor(options);
    return {
      ...commonProvider(options),
      ...skin,
      ...(merge === undefined ? {} : { adaptBody: merge }),
      endpoint: (call) => ({
        url,
        headers: { ...callHeaders(call, options), ...fixed, ...headers(call), ...options.headers },
      }),
      // The list is open: no key is needed.
      fetchModels: async (ask) =>
        decodeModels(
          await ask({
            url: `${base}/models`,
            headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...fixed, ...options.headers },
          }),
        ),
    };
  },
});
