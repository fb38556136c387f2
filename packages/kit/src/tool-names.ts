import { createHash } from 'node:crypto';

/**
 * Reversible tool names for one attempt. A provider's limits on names (`^[A-Za-z0-9_-]{1,64}$` unless it says otherwise)
 * are met by a deterministic alias, so that the same history always gives the same bytes.
 */
export class ToolNames {
  readonly #aliases = new Map<string, string>();
  readonly #originals = new Map<string, string>();
  readonly #legal: RegExp;
  readonly #maxLength: number;

  constructor({ legal = /^[A-Za-z0-9_-]+$/, maxLength = 64 }: { legal?: RegExp; maxLength?: number } = {}) {
    this.#legal = legal;
    this.#maxLength = maxLength;
  }

  /** The name to send for the client's `name`. */
  alias(name: string): string {
    if (name.length <= this.#maxLength && this.#legal.test(name)) return name;
    const known = this.#aliases.get(name);
    if (known !== undefined) return known;
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '_');
    // Some want a letter in front.
    const start = this.#legal.test(plain) ? plain : `_${plain}`;
    const alias = `${start.slice(0, this.#maxLength - 9)}_${hash}`;
    this.#aliases.set(name, alias);
    this.#originals.set(alias, name);
    return alias;
  }

  /** The client's name for what the provider called. */
  original(name: string): string {
    return this.#originals.get(name) ?? name;
  }

  get aliased(): boolean {
    return this.#aliases.size > 0;
  }
}
