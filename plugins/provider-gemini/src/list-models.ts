import { decodeModels } from '@signalbox/format-gemini';
import type { AskProvider, ModelInfo } from '@signalbox/kit';

/** More pages than Google has; a server that never ends its list is no reason to ask for ever. */
const MAX_PAGES = 20;

/** All models that can chat, with their limits. */
export async function listModels(
  ask: AskProvider,
  base: string,
  headers: Record<string, string>,
): Promise<readonly ModelInfo[]> {
  const models: ModelInfo[] = [];
  let pageToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = pageToken === undefined ? '' : `&pageToken=${encodeURIComponent(pageToken)}`;
    const found = decodeModels(await ask({ url: `${base}/models?pageSize=1000${query}`, headers }));
    models.push(...found.models);
    pageToken = found.nextPageToken;
    if (pageToken === undefined) break;
  }
  return models;
}
