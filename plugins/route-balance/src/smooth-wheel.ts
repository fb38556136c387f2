interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/**
 * Takes turns by weight, without bursts: whoever is furthest behind its share is next. Over as many turns as the weights
 * sum up to, each has exactly as many as its weight. Whoever does not take part for a while keeps its standing.
 */
export class SmoothWheel {
  /** What each is owed, in turns times the sum of weights. */
  readonly #owed = new Map<string, number>();

  /** All of them, the one whose turn it is first, then those whose turn would be next. Only `commit` takes the turn. */
  turn<T extends Weighted>(candidates: readonly T[], commit: boolean): readonly T[] {
    const owed = ({ name, weight }: T): number => (this.#owed.get(name) ?? 0) + weight;
    const inOrder = [...candidates].sort((a, b) => owed(b) - owed(a));
    const [first] = inOrder;
    if (commit && first !== undefined) {
      let sum = 0;
      for (const candidate of candidates) {
        this.#owed.set(candidate.name, owed(candidate));
        sum += candidate.weight;
      }
      this.#owed.set(first.name, (this.#owed.get(first.name) ?? 0) - sum);
    }
    return inOrder;
  }

  /** Forgets all but these. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#owed.keys()) if (!names.has(name)) this.#owed.delete(name);
  }
}
