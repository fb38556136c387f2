import { asObject, errors, type JsonObject, type JsonValue, type ModelInfo } from '@signalbox/kit';
import { text } from './fields.ts';

/** More than there are; a list that says so for ever must end. */
const MAX_PAGES = 20;

/** Asks Bedrock's control plane; what is given is what follows its URL. */
type Get = (path: string) => Promise<JsonObject>;

/**
 * All that can be called by its id: foundation models that are served on demand, and the inference profiles of models that
 * write text. An application's profile is called by its ARN. Limits are not told.
 * @throws {SignalboxError}
 */
export async function listModels(get: Get): Promise<readonly ModelInfo[]> {
  const [foundation, profiles] = await Promise.all([
    get('/foundation-models?byOutputModality=TEXT'),
    listProfiles(get),
  ]);
  if (!Array.isArray(foundation.modelSummaries)) {
    throw errors.malformedReply('Bedrock’s list of models has no "modelSummaries".');
  }
  const found = new Map<string, ModelInfo>();
  const bases = new Map<string, Omit<ModelInfo, 'id'>>();
  for (const summary of foundation.modelSummaries.map(asObject)) {
    const id = text(summary.modelId);
    if (id === undefined) continue;
    const info = decodeModel(summary);
    bases.set(id, info);
    if (holds(summary.inferenceTypesSupported, 'ON_DEMAND')) found.set(id, { id, ...info });
  }
  for (const profile of profiles) {
    const [model] = Array.isArray(profile.models) ? profile.models : [];
    const base = bases.get((text(asObject(model).modelArn) ?? '').replace(/^.*:foundation-model\//, ''));
    const id = text(profile.type === 'APPLICATION' ? profile.inferenceProfileArn : profile.inferenceProfileId);
    if (base === undefined || id === undefined || (profile.status ?? 'ACTIVE') !== 'ACTIVE') continue;
    found.set(id, { id, ...base, ...named(profile.inferenceProfileName) });
  }
  return [...found.values()];
}

async function listProfiles(get: Get): Promise<readonly JsonObject[]> {
  const profiles: JsonObject[] = [];
  let after = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const { inferenceProfileSummaries: summaries, nextToken } = await get(
      `/inference-profiles?maxResults=1000${after}`,
    );
    if (Array.isArray(summaries)) profiles.push(...summaries.map(asObject));
    if (typeof nextToken !== 'string' || nextToken === '') break;
    after = `&nextToken=${encodeURIComponent(nextToken)}`;
  }
  return profiles;
}

function decodeModel({ modelName, providerName, inputModalities }: JsonObject): Omit<ModelInfo, 'id'> {
  const owner = text(providerName);
  return {
    ...named(modelName),
    ...(owner === undefined ? {} : { ownedBy: owner }),
    ...(Array.isArray(inputModalities) ? { capabilities: { images: inputModalities.includes('IMAGE') } } : {}),
  };
}

function named(name: JsonValue | undefined): Pick<ModelInfo, 'displayName'> {
  return typeof name === 'string' && name !== '' ? { displayName: name } : {};
}

function holds(list: JsonValue | undefined, name: string): boolean {
  return Array.isArray(list) && list.includes(name);
}
