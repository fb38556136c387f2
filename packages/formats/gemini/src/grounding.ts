import { foreignCitations, type JsonObject, type TextBlock, type WebCitation, withCitations } from '@signalbox/kit';
import { count, ID, isObject, text } from './fields.ts';

/**
 * What a search found, as a delta of the answer's last text, which begins at `textStart`. Google counts in bytes of UTF-8
 * over the whole answer; citations count in UTF-16 code units from where their text begins. A segment that says its words
 * is looked up by them where the counts do not lead there. `undefined`: nothing is cited.
 */
export function citationDelta(metadata: JsonObject, answer: string, textStart: number): JsonObject | undefined {
  const { groundingChunks, groundingSupports } = metadata;
  if (!Array.isArray(groundingChunks) || !Array.isArray(groundingSupports)) return undefined;
  const offsets = new ByteOffsets(answer);
  const citations: WebCitation[] = [];
  for (const support of groundingSupports) {
    if (!isObject(support) || !isObject(support.segment) || !Array.isArray(support.groundingChunkIndices)) continue;
    const { start, end } = placeOf(support.segment, answer, offsets);
    for (const index of support.groundingChunkIndices) {
      const chunk = typeof index === 'number' ? groundingChunks[index] : undefined;
      const web = isObject(chunk) && isObject(chunk.web) ? chunk.web : undefined;
      const url = text(web?.uri);
      if (url === undefined) continue;
      const title = text(web?.title);
      citations.push({
        url,
        ...(title === undefined ? {} : { title }),
        start: start - textStart,
        end: end - textStart,
      });
    }
  }
  return citations.length === 0 ? undefined : withCitations({ type: 'grounding' }, citations);
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

/**
 * What other formats cite in a text that begins at `base` of the answer, and what kinds of delta cannot be told. What this
 * format cites goes along in its own metadata.
 */
export function citationsIn(
  extensions: TextBlock['extensions'],
  base: number,
  length: number,
): { readonly citations: readonly Citation[]; readonly untold: ReadonlySet<string> } {
  const { citations, untold } = foreignCitations(extensions, ID);
  const placed = citations.map(({ url, title = '', start = 0, end = length }) => ({
    url,
    title,
    start: Math.max(0, base + start),
    end: base + end,
  }));
  return { citations: placed, untold };
}
