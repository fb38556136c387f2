import { tokensOfText } from './token-text.ts';

/** Shorter texts are counted as fast as they are found. */
const MIN_CHARS = 200;
/** Characters that tell one text from another, beside its length. */
const SAMPLES = 64;
const SLOTS = 16_384;

/**
 * What texts were counted at, across requests: an agent sends its whole history again with every turn. Texts are known
 * by their length and a hash of some of their characters, so that none is kept alive and asking costs the same for a
 * text of any size. Two texts that agree in all of it share a count, which is about right for both. 256 KiB, for good:
 * a new text takes the slot of an old one.
 */
const hashes = new Int32Array(SLOTS);
const lengths = new Int32Array(SLOTS);
const counts = new Float64Array(SLOTS);

/** As `tokensOfText`, from memory where the text was counted before. */
export function cachedTokensOfText(text: string): number {
  const { length } = text;
  if (length < MIN_CHARS) return tokensOfText(text);
  const hash = sampledHash(text);
  const slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
  if (lengths[slot] === length && hashes[slot] === hash) return counts[slot] as number;
  const tokens = tokensOfText(text);
  hashes[slot] = hash;
  lengths[slot] = length;
  counts[slot] = tokens;
  return tokens;
}

/** Half of the samples are the ends, where texts of one length differ most. */
function sampledHash(text: string): number {
  const { length } = text;
  const step = Math.max(1, Math.floor(length / (SAMPLES / 2)));
  let hash = length;
  for (let index = 0; index < SAMPLES / 4; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ text.charCodeAt(length - 1 - index), 0x01000193);
  }
  for (let index = step; index < length; index += step) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 0;
}
