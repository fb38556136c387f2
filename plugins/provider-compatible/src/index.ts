import { commonProvider, credentialFor, defineProvider, ownKey, type ProviderCall } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { errorReader } from './error-patterns.ts';
import { exposesKey } from './key-safety.ts';
import { decodeModels } from './models.ts';
import { type Settings, settingsOf } from './settings.ts';
import { counting, placeOf } from './token-counts.ts';
import { wireFor } from './wire.ts';

export type { CompatibleConfig } from './config.ts';
export { type ModelRule, type Profile, profiles } from './profiles/index.ts';

/** Any server that speaks a known format: configuration alone, no code. Local servers need no key. */
export default defineProvider({
  id: 'compatible',
  configSchema,
  nameOf: ({ profile }) => profile,
  create: (options, { log }) => {
    const settings = settingsOf(options);
    const { name, baseUrl, profile } = settings;
    const { path, modelsPath, headers, ownHeaders, ...wire } = wireFor(settings);
    const urlOf = urlMaker({ ...settings, path: settings.path ?? path });
    const { tokenCounts } = settings;
    const countUrlOf =
      tokenCounts === undefined ? urlOf : urlMaker({ ...settings, ...placeOf(tokenCounts, settings.baseUrl) });
    const refineError = errorReader(settings.errors);
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
      ...(tokenCounts === undefined ? {} : counting(tokenCounts, wire.format)),
      reasoningOrigin: name,
      endpoint: (call) => ({
        url: call.operation === 'count-tokens' ? countUrlOf(call) : urlOf(call),
        headers: { ...keyHeader(credentialFor(call, options), settings), ...headers(call), ...options.headers },
      }),
      ...(refineError === undefined ? {} : { refineError }),
      // A caller's key is there only while it calls.
      ...(options.forwardCallerKey === true || profile?.listsModels === false
        ? {}
        : {
            fetchModels: async (ask) =>
              decodeModels(
                await ask({
                  url: `${baseUrl}${modelsPath}`,
                  headers: { ...keyHeader(ownKey(options), settings), ...ownHeaders, ...options.headers },
                }),
              ),
          }),
    };
  },
});

function keyHeader(key: string | undefined, { authHeader }: Settings): Record<string, string> {
  if (key === undefined) return {};
  return { [authHeader]: authHeader === 'authorization' ? `Bearer ${key}` : key };
}

/** The URL of a call; it depends on the model only where the path has a place for it. */
function urlMaker({ baseUrl, path, query }: Pick<Settings, 'baseUrl' | 'path' | 'query'>) {
  const search = new URLSearchParams(query).toString();
  const joint = path?.includes('?') === true ? '&' : '?';
  const url = `${baseUrl}${path}${search === '' ? '' : `${joint}${search}`}`;
  if (!url.includes('{model}')) return () => url;
  return ({ model }: Pick<ProviderCall, 'model'>) => url.replaceAll('{model}', () => encodeURIComponent(model));
}
