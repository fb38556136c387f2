/** A name with `*` for any text, compiled once. */
export interface Pattern {
  readonly text: string;
  /** Characters before the first `*`: the more there are, the more the pattern says. */
  readonly prefixLength: number;
  readonly stars: number;
  /** What each `*` stands for in `name`, or `undefined` where the pattern does not fit. */
  match(name: string): readonly string[] | undefined;
}

export function compilePattern(text: string): Pattern {
  const literals = text.split('*');
  const [prefix = '', ...rest] = literals;
  const suffix = rest.pop();
  return {
    text,
    prefixLength: prefix.length,
    stars: literals.length - 1,
    match: (name) => {
      if (suffix === undefined) return name === text ? [] : undefined;
      const end = name.length - suffix.length;
      if (!name.startsWith(prefix) || !name.endsWith(suffix) || end < prefix.length) return undefined;
      const captures: string[] = [];
      let from = prefix.length;
      // The leftmost place for each part leaves the most for the parts behind it.
      for (const literal of rest) {
        const at = name.indexOf(literal, from);
        if (at === -1 || at + literal.length > end) return undefined;
        captures.push(name.slice(from, at));
        from = at + literal.length;
      }
      return [...captures, name.slice(from, end)];
    },
  };
}

/** Longest literal start first, then the longer pattern; otherwise the order of the config stands. */
export function bySpecificity(a: Pattern, b: Pattern): number {
  return b.prefixLength - a.prefixLength || b.text.length - a.text.length;
}
