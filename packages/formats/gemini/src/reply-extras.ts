import { type JsonObject, setField } from '@signalbox/kit';

/** Fields that stand beside the candidates; all others belong to the first candidate. */
const BODY: ReadonlySet<string> = new Set(['promptFeedback', 'modelStatus', 'createTime']);

/** What only this format says about a reply, by where it stands. */
export function splitExtras(own: JsonObject | undefined): {
  readonly body: JsonObject;
  readonly candidate: JsonObject;
} {
  const body: JsonObject = {};
  const candidate: JsonObject = {};
  for (const key in own) {
    if (key.startsWith('$') || own[key] === undefined) continue;
    setField(BODY.has(key) ? body : candidate, key, own[key]);
  }
  return { body, candidate };
}
