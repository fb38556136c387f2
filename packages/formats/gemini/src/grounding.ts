import type { JsonObject, JsonValue, Message, TextBlock } from '@signalbox/kit';
import { count, isObject, text } from './fields.ts';

/** The format whose words for web citations other formats understand. */
export const CITING_FORMAT = 'openai-chat';
const ANTHROPIC = 'anthropic-messages';

/**
 * What a search found, as `url_citation` annotations of the answer. Google counts in bytes of UTF-8; annotations count in
 * UTF-16 code units. A segment that says its words is looked up by them where the counts do not lead there.
 */
export function citationsOf(metadata: JsonObject, answer: string): JsonObject[] {
  const { groundingChunks, groundingSupports } = metadata;
  if (!Array.isArray(groundingChunks) || !Array.isArray(groundingSupports)) return [];
  const offsets = new ByteOffsets(answer);
  const annotations: JsonObject[] = [];
  for (const support of groundingSupports) {
    if (!isObject(support) || !isObject(support.segment) || !Array.isArray(support.groundingChunkIndices)) continue;
    const { start, end } = placeOf(support.segment, answer, offsets);
    for (const index of support.groundingChunkIndices) {
      const chunk = typeof index === 'number' ? groundingChunks[index] : undefined;
      const web = isObject(chunk) && isObject(chunk.web) ? chunk.web : undefined;
      const url = text(web?.uri);
      if (url === undefined) continue;
      const citation = { start_index: start, end_index: end, url, title: text(web?.title) ?? '' };
      annotations.push({ type: 'url_citation', url_citation: citation });
    }
  }
  return annotations;
}

function placeOf(segment: JsonObject, answer: string, offsets: ByteOffsets): { start: number; end: number } {
  const start = offsets.toChars(count(segment.startIndex) ?? 0);
  const end = offsets.toChars(count(segment.endIndex) ?? 0);
  const words = text(segment.text);
  if (words === undefined || answer.slice(start, end) === words) return { start, end: Math.max(start, end) };
  const found = answer.indexOf(words);
  return found === -1 ? { start, end: Math.max(start, end) } : { start: found, end: found + words.length };
}

/** Places in the bytes of a text as places in its characters. Where both are the same nothing is counted. */
class ByteOffsets {
  readonly #bytes: Buffer;
  readonly #plain: boolean;
  readonly #length: number;

  constructor(answer: string) {
    this.#bytes = Buffer.from(answer);
    this.#length = answer.length;
    this.#plain = this.#bytes.length === answer.length;
  }

  toChars(byte: number): number {
    if (this.#plain) return Math.min(Math.max(0, byte), this.#length);
    return this.#bytes.toString('utf8', 0, Math.max(0, byte)).length;
  }
}

interface Citation {
  readonly url: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** The citations that other formats' deltas in a text hold. `base` is where the text begins in the answer. */
export function foreignCitations(
  format: string,
  delta: JsonObject,
  base: number,
  length: number,
): readonly Citation[] | undefined {
  if (format === CITING_FORMAT && Array.isArray(delta.annotations)) {
    return delta.annotations.flatMap((annotation) => {
      const cited = isObject(annotation) && isObject(annotation.url_citation) ? annotation.url_citation : undefined;
      const url = text(cited?.url);
      if (cited === undefined || url === undefined) return [];
      const start = count(cited.start_index) ?? base;
      return [{ url, title: text(cited.title) ?? '', start, end: count(cited.end_index) ?? base + length }];
    });
  }
  const { citation } = delta;
  if (format !== ANTHROPIC || !isObject(citation) || citation.type !== 'web_search_result_location') return undefined;
  const url = text(citation.url);
  return url === undefined ? [] : [{ url, title: text(citation.title) ?? '', start: base, end: base + length }];
}

/** `groundingMetadata` that says the same. */
export function groundingOf(citations: readonly Citation[], answer: string): JsonObject | undefined {
  if (citations.length === 0) return undefined;
  const chunks: JsonObject[] = [];
  const places = new Map<string, number>();
  const supports = citations.map(({ url, title, start, end }): JsonObject => {
    let place = places.get(url);
    if (place === undefined) {
      place = chunks.length;
      places.set(url, place);
      chunks.push({ web: { uri: url, title } });
    }
    const before = Buffer.byteLength(answer.slice(0, start));
    const words = answer.slice(start, end);
    return {
      segment: { startIndex: before, endIndex: before + Buffer.byteLength(words), text: words },
      groundingChunkIndices: [place],
    };
  });
  return { groundingChunks: chunks, groundingSupports: supports };
}

/** What a text's extensions cite, and what kinds of delta cannot be told. */
export function citationsIn(
  extensions: TextBlock['extensions'] | Message['extensions'],
  base: number,
  length: number,
): { readonly citations: readonly Citation[]; readonly untold: readonly string[] } {
  const citations: Citation[] = [];
  const untold: string[] = [];
  for (const format in extensions) {
    const deltas: JsonValue | undefined = extensions[format]?.deltas;
    if (!Array.isArray(deltas)) continue;
    for (const delta of deltas) {
      if (!isObject(delta)) continue;
      const told = foreignCitations(format, delta, base, length);
      if (told === undefined) untold.push(`only ${format} has ${String(delta.type ?? 'this')}`);
      else citations.push(...told);
    }
  }
  return { citations, untold };
}
