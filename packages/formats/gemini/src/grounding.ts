import { foreignCitations, type JsonObject, type TextBlock, type WebCitation, withCitations } from '@signalbox/kit';
import { count, ID, isObject, text } from './fields.ts';

const MAX_SEARCHES = 200;

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
  const found = offsets.find(words);
  return found === -1 ? { start, end: Math.max(start, end) } : { start: found, end: found + words.length };
}

/** Places in the bytes of a text, and in its characters. They are counted once, and only where they are not the same. */
class ByteOffsets {
  readonly #answer: string;
  /** How many bytes stand before each character, and before the end. */
  readonly #before: Uint32Array | undefined;
  #searches = MAX_SEARCHES;

  constructor(answer: string) {
    this.#answer = answer;
    if (Buffer.byteLength(answer) > answer.length) this.#before = bytesBefore(answer);
  }

  toChars(byte: number): number {
    const before = this.#before;
    if (before === undefined) return this.#inside(byte);
    let [low, high] = [0, this.#answer.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((before[middle] ?? 0) < byte) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  toBytes(char: number): number {
    const place = this.#inside(char);
    return this.#before?.[place] ?? place;
  }

  /** Where words stand that are not where they are said to be; every search goes through the whole answer. */
  find(words: string): number {
    return this.#searches-- > 0 ? this.#answer.indexOf(words) : -1;
  }

  #inside(place: number): number {
    return Math.min(Math.max(0, place), this.#answer.length);
  }
}

function bytesBefore(answer: string): Uint32Array {
  const before = new Uint32Array(answer.length + 1);
  let bytes = 0;
  for (let at = 0; at < answer.length; at++) {
    before[at] = bytes;
    const unit = answer.charCodeAt(at);
    // Two units of two bytes each make one character of four.
    const half = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || half ? 2 : 3;
  }
  before[answer.length] = bytes;
  return before;
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
  const offsets = new ByteOffsets(answer);
  const supports = citations.map(({ url, title, start, end }): JsonObject => {
    let place = places.get(url);
    if (place === undefined) {
      place = chunks.length;
      places.set(url, place);
      chunks.push({ web: { uri: url, title } });
    }
    const text = answer.slice(start, end);
    return {
      segment: { startIndex: offsets.toBytes(start), endIndex: offsets.toBytes(Math.max(start, end)), text },
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
