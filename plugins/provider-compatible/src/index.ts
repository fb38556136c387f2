import { commonProvider, credentialFor, defineProvider, ownKey } from '@signalbox/kit';
import { type CompatibleConfig, configSchema } from './config.ts';
import { exposesKey } from './key-safety.ts';
import { decodeModels } from './models.ts';
import { wireFor } from './wire.ts';

export type { CompatibleConfig } from './config.ts';

/** Any server that speaks a known format: configuration alone, no code. Local servers need no key. */
export default defineProvider({
  id: 'compatible',
  configSchema,
  create: (options, { log }) => {
    const { name, baseUrl } = options;
    const { path: defaultPath, modelsPath, headers, ownHeaders, ...wire } = wireFor(options);
    const base = baseUrl.replace(/\/+$/, '');
    const url = `${base}${options.path ?? defaultPath}`;
    if (
      (options.apiKey !== undefined || options.apiKeys !== undefined || options.forwardCallerKey === true) &&
      exposesKey(baseUrl)
    ) {
      log.warn(
        { provider: name, baseUrl },
        'this provider gets its key over plain http: anyone on the way can read it',
      );
    }
    return {
      ...commonProvider(options),
      ...wire,
      reasoningOrigin: name,
      endpoint: (call) => ({
        url,
        headers: { ...keyHeader(credentialFor(call, options), options), ...headers(call), ...options.headers },
      }),
      // A caller's key is there only while it calls.
      ...(options.forwardCallerKey === true
        ? {}
        : {
            fetchModels: async (ask) =>
              decodeModels(
                await ask({
                  url: `${base}${modelsPath}`,
                  headers: { ...keyHeader(ownKey(options), options), ...ownHeaders, ...options.headers },
                }),
              ),
          }),
    };
  },
});

function keyHeader(key: string | undefined, options: CompatibleConfig): Record<string, string> {
  if (key === undefined) return {};
  return { [options.authHeader]: options.authHeader === 'authorization' ? `Bearer ${key}` : key };
}
