/** Saved up at most: what is not used on a quiet day is not all spent at once on a bad one. */
const MAX_CREDIT = 10;
/** Sums of shares such as 0.1 are not exact. */
const ROUNDING = 1e-9;

/** Keeps second tries to a share of all requests. What was spent too much has to be earned first. */
export class Budget {
  #credit = 1;

  /** One more request. */
  earn(share: number): void {
    this.#credit = Math.min(MAX_CREDIT, this.#credit + share);
  }

  get allows(): boolean {
    return this.#credit >= 1 - ROUNDING;
  }

  /** One more second try. */
  spend(): void {
    this.#credit--;
  }
}
