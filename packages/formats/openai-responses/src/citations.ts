import {
  type Extensions,
  foreignCitations,
  type JsonObject,
  type JsonValue,
  type WebCitation,
  withCitations,
} from '@signalbox/kit';
import { count, ID, isObject, text } from './fields.ts';

/** A citation of another format as an annotation of the part of the answer from `start` to `end`, in UTF-16 code units. */
export function urlCitation(citation: WebCitation, start: number, end: number): JsonObject {
  const { url, title = '' } = citation;
  return {
    type: 'url_citation',
    start_index: Math.max(0, start + (citation.start ?? 0)),
    end_index: citation.end === undefined ? end : Math.max(0, start + citation.end),
    url,
    title,
  };
}

/** The annotations in a delta of this format, for a text that begins at `start`. */
export function ownAnnotations({ annotations }: JsonObject, start: number): readonly JsonValue[] {
  return Array.isArray(annotations) ? annotations.map((one) => moved(one, start)) : [];
}

/** The place of a citation counts from the start of its own text, which may follow another in one part. */
function moved(annotation: JsonValue, by: number): JsonValue {
  if (by === 0 || !isObject(annotation)) return annotation;
  const { start_index: start, end_index: end } = annotation;
  if (typeof start !== 'number' || typeof end !== 'number') return annotation;
  return { ...annotation, start_index: start + by, end_index: end + by };
}

/** All annotations of a whole text block, and what kinds of citation cannot be told. */
export function annotationsOfBlock(
  extensions: Extensions | undefined,
  start: number,
  end: number,
): { readonly annotations: readonly JsonValue[]; readonly untold: ReadonlySet<string> } {
  const deltas = extensions?.[ID]?.deltas;
  const own = (Array.isArray(deltas) ? deltas : []).flatMap((delta) =>
    isObject(delta) ? ownAnnotations(delta, start) : [],
  );
  const { citations, untold } = foreignCitations(extensions, ID, { logProbs: true });
  return { annotations: [...own, ...citations.map((citation) => urlCitation(citation, start, end))], untold };
}

/** An annotation of a reply as a delta, with what it says to other formats. */
export function annotationDelta(annotation: JsonValue): JsonObject {
  const delta = { annotations: [annotation] };
  const url = isObject(annotation) && annotation.type === 'url_citation' ? text(annotation.url) : undefined;
  if (!isObject(annotation) || url === undefined) return delta;
  const title = text(annotation.title);
  const start = count(annotation.start_index);
  const end = count(annotation.end_index);
  const place = start === undefined || end === undefined || end <= start ? {} : { start, end };
  return withCitations(delta, [{ url, ...(title === undefined ? {} : { title }), ...place }]);
}
