import { commonProvider, credentialFor, defineProvider, type ProviderCall } from '@signalbox/kit';
import { type CompatibleConfig, configSchema } from './config.ts';
import { exposesKey } from './key-safety.ts';
import { wireFor } from './wire.ts';

export type { CompatibleConfig } from './config.ts';

/** Any server that speaks a known format: configuration alone, no code. Local servers need no key. */
export default defineProvider({
  id: 'compatible',
  configSchema,
  create: (options, { log }) => {
    const { name, baseUrl } = options;
    const { path: defaultPath, headers, ...wire } = wireFor(options);
    const url = `${baseUrl.replace(/\/+$/, '')}${options.path ?? defaultPath}`;
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
      endpoint: (call) => ({ url, headers: { ...keyHeader(call, options), ...headers(call), ...options.headers } }),
    };
  },
});

function keyHeader(call: ProviderCall, options: CompatibleConfig): Record<string, string> {
  const key = credentialFor(call, options);
  if (key === undefined) return {};
  return { [options.authHeader]: options.authHeader === 'authorization' ? `Bearer ${key}` : key };
}
