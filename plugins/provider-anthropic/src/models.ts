import {
  type AskProvider,
  asObject,
  decodeModelList,
  type Endpoint,
  type JsonObject,
  type JsonValue,
  type ModelCapabilities,
  type ModelInfo,
  tokenLimit,
} from '@signalbox/kit';

/** More than there are models; a list that says so for ever must end. */
const MAX_PAGES = 20;

/** All pages of the list. @throws {SignalboxError} */
export async function fetchModels(ask: AskProvider, { url, headers }: Endpoint): Promise<readonly ModelInfo[]> {
  const models = new Map<string, ModelInfo>();
  let after = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await ask({ url: `${url}?limit=1000${after}`, headers });
    for (const model of decodeModelList(answer, decodeModel)) models.set(model.id, model);
    if (answer.has_more !== true || typeof answer.last_id !== 'string') break;
    after = `&after_id=${encodeURIComponent(answer.last_id)}`;
  }
  return [...models.values()];
}

function decodeModel(entry: JsonObject): Omit<ModelInfo, 'id'> {
  const capabilities = decodeCapabilities(asObject(entry.capabilities));
  return {
    ...(typeof entry.display_name === 'string' && entry.display_name !== '' ? { displayName: entry.display_name } : {}),
    ...tokenLimit('contextTokens', entry.max_input_tokens),
    ...tokenLimit('maxOutputTokens', entry.max_tokens),
    ...(Object.keys(capabilities).length === 0 ? {} : { capabilities }),
  };
}

function decodeCapabilities(said: JsonObject): ModelCapabilities {
  return {
    ...supported('images', said.image_input),
    ...supported('documents', said.pdf_input),
    ...supported('structuredOutput', said.structured_outputs),
    ...supported('reasoning', said.thinking),
    ...supported('webSearch', asObject(said.server_tools).web_search),
  };
}

function supported(name: keyof ModelCapabilities, value: JsonValue | undefined): ModelCapabilities {
  const flag = asObject(value).supported;
  return typeof flag === 'boolean' ? { [name]: flag } : {};
}
