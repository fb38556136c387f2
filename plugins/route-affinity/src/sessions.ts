import { RecentMap, type Target, targetId } from '@signalbox/kit';

/** A session asks for few models: its own, and one for small jobs. */
const MAX_MODELS = 8;

/** Where the requests of a session for one model were answered last. */
export interface Place {
  readonly target: Target;
  readonly answeredAtMs: number;
}

interface Session {
  readonly places: RecentMap<Place>;
  /** What answered last, whichever model was asked for: what it gave belongs to its account. */
  last: Target;
}

/** What is remembered of sessions. Bounded: it forgets those that have been quiet for longest. */
export class Sessions {
  readonly #sessions: RecentMap<Session>;

  constructor(maxSessions: number) {
    this.#sessions = new RecentMap(maxSessions);
  }

  place(key: string, model: string): Place | undefined {
    return this.#sessions.get(key)?.places.get(model);
  }

  /** Stays known when the place is forgotten: what was given is bound for good. */
  last(key: string): Target | undefined {
    return this.#sessions.get(key)?.last;
  }

  answered(key: string, model: string, target: Target, { remember }: { remember: boolean }): void {
    const session = this.#sessions.get(key) ?? { places: new RecentMap<Place>(MAX_MODELS), last: target };
    session.last = target;
    if (remember) session.places.set(model, { target, answeredAtMs: Date.now() });
    this.#sessions.set(key, session);
  }

  failed(key: string, model: string, target: Target): void {
    const places = this.#sessions.get(key)?.places;
    const place = places?.get(model);
    if (place !== undefined && targetId(place.target) === targetId(target)) places?.delete(model);
  }
}
