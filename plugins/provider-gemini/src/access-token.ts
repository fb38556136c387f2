import { readFileSync } from 'node:fs';
import { errors } from '@signalbox/kit';

const MAX_AGE_MS = 30_000;

/** Reads a token from a file that somebody else keeps fresh, at most every 30 s. */
export class AccessTokenFile {
  readonly #path: string;
  readonly #now: () => number;
  #token = '';
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  /** @throws {SignalboxError} PROVIDER_AUTH where there is no token; one that was read before is kept. */
  read(): string {
    const now = this.#now();
    if (now - this.#readAt < MAX_AGE_MS) return this.#token;
    try {
      this.#token = readFileSync(this.#path, 'utf8').trim();
      this.#readAt = now;
    } catch {
      // Whoever renews the token may be just replacing the file.
    }
    if (this.#token === '') throw errors.providerAuth(`There is no access token in ${this.#path}.`);
    return this.#token;
  }
}
