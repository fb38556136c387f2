/** A name, or one with `*` for any text, compiled once. */
export interface Pattern {
  readonly text: string;
  fits(name: string): boolean;
}

export function compilePattern(text: string): Pattern {
  const [prefix = '', ...rest] = text.split('*');
  const suffix = rest.pop();
  return {
    text,
    fits: (name) => {
      if (suffix === undefined) return name === text;
      const end = name.length - suffix.length;
      if (end < prefix.length || !name.startsWith(prefix) || !name.endsWith(suffix)) return false;
      let from = prefix.length;
      // The leftmost place for each part leaves the most for the parts behind it.
      for (const part of rest) {
        const at = name.indexOf(part, from);
        if (at === -1 || at + part.length > end) return false;
        from = at + part.length;
      }
      return true;
    },
  };
}

/** Names before patterns, then the longest text before the first `*`, then the longest pattern. */
export function bySpecificity({ text: a }: Pattern, { text: b }: Pattern): number {
  return literalLength(b) - literalLength(a) || b.length - a.length;
}

function literalLength(text: string): number {
  const star = text.indexOf('*');
  return star === -1 ? Number.MAX_SAFE_INTEGER : star;
}
