import type { Extensions, JsonObject, JsonValue } from '@signalbox/kit';
import { ID, isObject, text } from './fields.ts';

/** The formats whose web citations can be told here. */
const ANTHROPIC = 'anthropic-messages';
const CHAT = 'openai-chat';

/**
 * The annotations that one delta of a text holds, for the part of the answer from `start` to `end` (in UTF-16 code
 * units): this format's own, Chat's, and Anthropic's web results; `undefined` for any other.
 */
export function annotationsOfDelta(
  format: string,
  delta: JsonObject,
  start: number,
  end: number,
): readonly JsonValue[] | undefined {
  if (format === ID) return Array.isArray(delta.annotations) ? delta.annotations.map((one) => moved(one, start)) : [];
  if (format === CHAT && Array.isArray(delta.annotations)) {
    return delta.annotations.flatMap((annotation) =>
      isObject(annotation) && isObject(annotation.url_citation)
        ? [{ type: 'url_citation', ...annotation.url_citation }]
        : [],
    );
  }
  const { citation } = delta;
  if (format !== ANTHROPIC || !isObject(citation) || citation.type !== 'web_search_result_location') return undefined;
  const url = text(citation.url);
  if (url === undefined) return undefined;
  const title = text(citation.title) ?? '';
  return [{ type: 'url_citation', start_index: start, end_index: end, url, title }];
}

/** The place of a citation counts from the start of its own text, which may follow another in one part. */
function moved(annotation: JsonValue, by: number): JsonValue {
  if (by === 0 || !isObject(annotation)) return annotation;
  const { start_index: start, end_index: end } = annotation;
  if (typeof start !== 'number' || typeof end !== 'number') return annotation;
  return { ...annotation, start_index: start + by, end_index: end + by };
}

/** The same for a whole text block, and what kinds of citation cannot be told. */
export function annotationsOfBlock(
  extensions: Extensions | undefined,
  start: number,
  end: number,
): { readonly annotations: readonly JsonValue[]; readonly untold: readonly string[] } {
  const annotations: JsonValue[] = [];
  const untold: string[] = [];
  for (const format in extensions) {
    for (const key in extensions[format]) {
      const value = extensions[format][key];
      if (value === undefined || key.startsWith('$')) continue;
      if (key !== 'deltas' || !Array.isArray(value)) {
        if (format !== ID) untold.push(`only ${format} has ${key}`);
        continue;
      }
      for (const delta of value) {
        if (!isObject(delta)) continue;
        const told = annotationsOfDelta(format, delta, start, end);
        if (told === undefined) untold.push(untoldReason(format, delta));
        else annotations.push(...told);
      }
    }
  }
  return { annotations, untold };
}

export function untoldReason(format: string, delta: JsonObject): string {
  const kind = isObject(delta.citation) ? delta.citation.type : delta.type;
  return `only ${format} has ${String(kind ?? 'this')}`;
}
