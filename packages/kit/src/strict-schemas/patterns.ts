/** What providers that build a grammar of a pattern do not take: looking around and back, edges of words, classes by name. */
const NOT_PLAIN = /\(\?(?!:)|\\[1-9bBkpPuxG]/;

/** Whether a regular expression is one that a grammar can be built of. */
export function isPlainPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && !NOT_PLAIN.test(pattern);
}
