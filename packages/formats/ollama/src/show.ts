import { createHash } from 'node:crypto';
import { errors, type InfoRequest, type JsonObject, type ModelInfo } from '@signalbox/kit';
import { text } from './fields.ts';

/** What the gateway does not know about a model's file, as Ollama words it where it does not know. */
const DETAILS: JsonObject = { parent_model: '', format: '', parameter_size: '', quantization_level: '' };
/** Model files have dates, and Go clients need one. */
const NO_DATE = '1970-01-01T00:00:00Z';
const ARCHITECTURE = 'signalbox';
const DEFAULT_TAG = ':latest';

/** `GET /api/tags`. */
export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return { models: models.map(encodeModel) };
}

/** One entry of that list. The digest is made of the name: clients show its first twelve characters. */
export function encodeModel(model: ModelInfo): JsonObject {
  return {
    name: model.id,
    model: model.id,
    modified_at: NO_DATE,
    size: 0,
    digest: createHash('sha256').update(model.id).digest('hex'),
    details: detailsOf(model),
    capabilities: capabilitiesOf(model),
  };
}

/**
 * `POST /api/show`: what the gateway knows about one of its models, where clients look for it before they chat.
 * @throws {SignalboxError} INVALID_REQUEST without a name, MODEL_NOT_FOUND for one that is not in the lists.
 */
export function showModel({ body, models }: InfoRequest): JsonObject {
  // `name` is what clients before 2024 say.
  const name = text(body.model) ?? text(body.name);
  if (name === undefined) throw errors.invalidRequest('model: must be a string.');
  const wanted = name.endsWith(DEFAULT_TAG) ? name.slice(0, -DEFAULT_TAG.length) : `${name}${DEFAULT_TAG}`;
  const model = models.find(({ id }) => id === name) ?? models.find(({ id }) => id === wanted);
  if (model === undefined) throw errors.modelNotFound(`model '${name}' not found`);
  return {
    modelfile: '',
    parameters: '',
    template: '',
    details: detailsOf(model),
    model_info: {
      'general.architecture': ARCHITECTURE,
      'general.basename': model.displayName ?? model.id,
      ...(model.contextTokens === undefined ? {} : { [`${ARCHITECTURE}.context_length`]: model.contextTokens }),
    },
    capabilities: capabilitiesOf(model),
    modified_at: NO_DATE,
  };
}

function detailsOf({ ownedBy }: ModelInfo): JsonObject {
  const family = ownedBy ?? ARCHITECTURE;
  return { ...DETAILS, family, families: [family] };
}

/** Tools unless they are known to be missing, because clients hide them otherwise; the rest only where it is known. */
function capabilitiesOf({ capabilities = {} }: ModelInfo): string[] {
  return [
    'completion',
    ...(capabilities.tools === false ? [] : ['tools']),
    ...(capabilities.images === true ? ['vision'] : []),
    ...(capabilities.reasoning === true ? ['thinking'] : []),
  ];
}
