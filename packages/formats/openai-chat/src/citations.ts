import type { Block, JsonObject, JsonValue } from '@signalbox/kit';
import { ID, isObject, text } from './fields.ts';

/** The format whose web citations can be told here. */
const ANTHROPIC = 'anthropic-messages';

/**
 * A citation of another format as a `url_citation` annotation of the text from `start` to `end`, in UTF-16 code units of
 * the whole answer; `undefined` for all but web results. What belongs to Anthropic's own replay (`encrypted_index`) and the cited
 * words have no place there.
 */
export function urlCitation(format: string, delta: JsonObject, start: number, end: number): JsonObject | undefined {
  const { citation } = delta;
  if (format !== ANTHROPIC || !isObject(citation) || citation.type !== 'web_search_result_location') return undefined;
  const url = text(citation.url);
  if (url === undefined) return undefined;
  const title = text(citation.title) ?? '';
  return { type: 'url_citation', url_citation: { start_index: start, end_index: end, url, title } };
}

/** The annotations of a text block, and what kinds of citation cannot be told. */
export function annotationsOf(
  extensions: (Block & { type: 'text' })['extensions'],
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
        if (format === ID) {
          if (Array.isArray(delta.annotations)) annotations.push(...delta.annotations);
          continue;
        }
        const annotation = urlCitation(format, delta, start, end);
        if (annotation === undefined) untold.push(untoldReason(format, delta));
        else annotations.push(annotation);
      }
    }
  }
  return { annotations, untold };
}

export function untoldReason(format: string, delta: JsonObject): string {
  const kind = isObject(delta.citation) ? delta.citation.type : delta.type;
  return `only ${format} has ${String(kind ?? 'this')}`;
}
