import { type JsonObject, RecentMap } from '@signalbox/kit';
import { Limiter } from './limiter.ts';

/** Callers and models come from outside; what is in use stays over this. */
const MAX_LIMITERS = 10_000;

/** All limiters by name. They outlive a reload of the config. */
export class Limiters {
  readonly #limiters = new RecentMap<Limiter>(MAX_LIMITERS, ({ idle }) => idle);

  of(name: string): Limiter {
    let limiter = this.#limiters.get(name);
    if (limiter === undefined) {
      limiter = new Limiter();
      this.#limiters.set(name, limiter);
    }
    return limiter;
  }

  /** For `/health`: those that count something. */
  state(): JsonObject {
    return Object.fromEntries(
      [...this.#limiters].flatMap(([name, limiter]) => (limiter.idle ? [] : [[name, { ...limiter.state() }]])),
    );
  }
}
