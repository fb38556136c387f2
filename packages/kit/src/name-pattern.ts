/** A name, or one with `*` for any text (model names, targets), compiled once. */
export interface NamePattern {
  readonly text: string;
  /** Characters before the first `*`: the more there are, the more the pattern says. */
  readonly prefixLength: number;
  readonly stars: number;
  /** What each `*` stands for in `name`, or `undefined` where the pattern does not fit. */
  match(name: string): readonly string[] | undefined;
  fits(name: string): boolean;
}

/** Takes time in proportion to the name's length, whatever the pattern: names come from clients. */
export function compilePattern(text: string): NamePattern {
  const literals = text.split('*');
  const [prefix = '', ...rest] = literals;
  const suffix = rest.pop();
  const match = (name: string): readonly string[] | undefined => {
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
  };
  return {
    text,
    prefixLength: prefix.length,
    stars: literals.length - 1,
    match,
    fits: (name) => match(name) !== undefined,
  };
}

/** Names before patterns, then the longest literal start, then the longer pattern; otherwise the given order stands. */
export function bySpecificity(a: NamePattern, b: NamePattern): number {
  return Number(a.stars > 0) - Number(b.stars > 0) || b.prefixLength - a.prefixLength || b.text.length - a.text.length;
}
