import type { HeaderMap, JsonObject, ModelInfo } from '@signalbox/kit';

/** The official API gives the epoch where a model's release is not known. */
const UNKNOWN_RELEASE = '1970-01-01T00:00:00Z';

export function encodeModel({ id, displayName, contextTokens, maxOutputTokens }: ModelInfo): JsonObject {
  return {
    type: 'model',
    id,
    display_name: displayName ?? id,
    created_at: UNKNOWN_RELEASE,
    ...(contextTokens === undefined ? {} : { max_input_tokens: contextTokens }),
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
  };
}

/** The whole list is one page. */
export function encodeModels(models: readonly ModelInfo[], headers: HeaderMap = {}): JsonObject {
  const forPicker = PICKER.test(headers['user-agent'] ?? '');
  const data = forPicker ? models.slice(0, MOST_PICKED).map(encodeForPicker) : models.map(encodeModel);
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** What Claude Code asks for to fill its `/model` list. */
const PICKER = /^claude-code\//i;
/** As many as a person looks through; any other model can be typed. What the config names stands ahead. */
const MOST_PICKED = 60;
/** Its list shows names of Claude models only: others get this in front, and lose it on the way in. */
const DISGUISE = 'claude:';
const SHOWN = /^(?:claude|anthropic)/;

function encodeForPicker(model: ModelInfo): JsonObject {
  const { id, displayName = id } = model;
  return encodeModel(SHOWN.test(id) ? model : { ...model, id: DISGUISE + id, displayName });
}

/** The model behind a name of Claude Code's list. */
export function modelMeant(name: string): string {
  return name.startsWith(DISGUISE) ? name.slice(DISGUISE.length) : name;
}
