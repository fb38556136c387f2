import { commonProvider, credentialFor, decodeModelList, defineProvider, ownKey, requireKey } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { MODELS } from './models.ts';
import { dropIgnored } from './sampling.ts';
import { surfaceFor } from './surface.ts';
import { legalUserId } from './user-id.ts';

export type { DeepSeekConfig } from './config.ts';

/** DeepSeek: Chat Completions with its own reasoning field, thinking switch and cache counts, or its Anthropic surface. */
export default defineProvider({
  id: 'deepseek',
  configSchema,
  create: (options) => {
    requireKey(options);
    const { url, modelsUrl, ...surface } = surfaceFor(options);
    const key = ownKey(options);
    return {
      ...commonProvider(options),
      ...(options.models === undefined ? { models: () => MODELS } : {}),
      ...surface,
      reasoningOrigin: 'deepseek',
      adaptBody: (body, { notes }) => legalUserId(dropIgnored(body, notes), notes),
      endpoint: (call) => ({
        url,
        headers: { authorization: `Bearer ${credentialFor(call, options) ?? ''}`, ...options.headers },
      }),
      // Ids alone. A caller's key is there only while it calls.
      ...(key === undefined
        ? {}
        : {
            fetchModels: async (ask) =>
              decodeModelList(
                await ask({ url: modelsUrl, headers: { authorization: `Bearer ${key}`, ...options.headers } }),
              ),
          }),
    };
  },
});
