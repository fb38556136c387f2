/**
 * A whole number below 2 ** 53 for a text, evenly spread: to tell texts apart, or to draw by one. It takes a fraction of
 * what a cryptographic hash costs to call, and is no secret: whoever wants two texts with one number finds them.
 */
export function hashText(text: string): number {
  let high = 0x2f0b4a87;
  let low = 0x6c62272e;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    high = Math.imul(high ^ char, 0x01000193);
    low = Math.imul((low ^ char) + (low >>> 15), 0x2c1b3c6d);
  }
  return (mixed(high ^ text.length) & 0x1fffff) * 2 ** 32 + (mixed(low) >>> 0);
}

/** Every bit decides over about half of all others. */
function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}
