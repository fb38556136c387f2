import { commonProvider, credentialFor, defineProvider, requireKey } from '@signalbox/kit';
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
    const { url, ...surface } = surfaceFor(options);
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
    };
  },
});
