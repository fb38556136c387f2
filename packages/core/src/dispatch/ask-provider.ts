import { type AskProvider, errors, type ModelInfo } from '@signalbox/kit';
import type { ProviderEntry } from './call-provider.ts';
import { parseReply } from './pass-through.ts';
import { readFailure } from './read-failure.ts';

/** Asks a provider for its list of models, until `signal` ends the call. @throws {SignalboxError} */
export async function fetchModels(
  entry: ProviderEntry | undefined,
  name: string,
  signal: AbortSignal,
): Promise<readonly ModelInfo[]> {
  const provider = entry?.provider;
  if (entry?.transport === undefined || provider === undefined || !('fetchModels' in provider)) {
    throw errors.unsupported(`The provider "${name}" has no list of models.`);
  }
  const { transport } = entry;
  const ask: AskProvider = async ({ url, headers, body }) => {
    let cancel = (): void => {};
    try {
      const response = await transport.send(
        {
          url,
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        (end) => {
          cancel = end;
          signal.addEventListener('abort', cancel);
        },
      );
      if (response.status >= 300) throw await readFailure(provider, response, { sentHeaders: headers, model: '' });
      return parseReply(await response.whole());
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return (await provider.fetchModels?.(ask)) ?? [];
}
