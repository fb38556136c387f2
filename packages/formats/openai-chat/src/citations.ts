import {
  type Extensions,
  foreignCitations,
  type JsonObject,
  type JsonValue,
  type WebCitation,
  withCitations,
} from '@signalbox/kit';
import { count, ID, isObject, text } from './fields.ts';

/**
 * A citation of another format as a `url_citation` annotation of the text from `start` to `end`, in UTF-16 code units of
 * the whole answer. The cited words have no place there.
 */
export function urlCitation(citation: WebCitation, start: number, end: number): JsonObject {
  const { url, title = '' } = citation;
  const place = {
    start_index: start + (citation.start ?? 0),
    end_index: citation.end === undefined ? end : start + citation.end,
  };
  return { type: 'url_citation', url_citation: { ...place, url, title } };
}

/** The annotations of a text block, and what kinds of citation cannot be told. */
export function annotationsOf(
  extensions: Extensions | undefined,
  start: number,
  end: number,
): { readonly annotations: readonly JsonValue[]; readonly untold: ReadonlySet<string> } {
  const deltas = extensions?.[ID]?.deltas;
  const own = (Array.isArray(deltas) ? deltas : []).flatMap((delta) =>
    isObject(delta) && Array.isArray(delta.annotations) ? delta.annotations : [],
  );
  const { citations, untold } = foreignCitations(extensions, ID, { logProbs: true });
  return { annotations: [...own, ...citations.map((citation) => urlCitation(citation, start, end))], untold };
}

/** Annotations of a reply as a delta, with what they say to other formats. `start`: where their text begins in the answer. */
export function annotationDelta(annotations: JsonValue[], start: number): JsonObject {
  const citations = annotations.flatMap((annotation): WebCitation[] => {
    const cited = isObject(annotation) && isObject(annotation.url_citation) ? annotation.url_citation : undefined;
    const url = text(cited?.url);
    if (cited === undefined || url === undefined) return [];
    const title = text(cited.title);
    const quote = text(cited.content);
    const from = count(cited.start_index);
    const to = count(cited.end_index);
    return [
      {
        url,
        ...(title === undefined ? {} : { title }),
        ...(quote === undefined ? {} : { quote }),
        // Some servers name a page without a place.
        ...(from === undefined || to === undefined || to <= from ? {} : { start: from - start, end: to - start }),
      },
    ];
  });
  return withCitations({ annotations }, citations);
}
