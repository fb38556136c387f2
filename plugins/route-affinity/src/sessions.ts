import { RecentMap, type Target, targetId } from '@signalbox/kit';

/** A session has few kinds of requests: its main loop, small jobs, searches. */
const MAX_CHOICES = 16;

/** Where the requests of a session for which the same was chosen (`choiceOf`) were answered last. */
export interface Place {
  readonly target: Target;
  readonly answeredAtMs: number;
}

interface Session {
  readonly places: RecentMap<Place>;
  /** What answered last, by choice: what it gave belongs to its account. */
  readonly lasts: RecentMap<Target>;
  /** The same, whatever was chosen. */
  last: Target;
}

/** What is remembered of sessions. Bounded: it forgets those that have been quiet for longest. */
export class Sessions {
  readonly #sessions: RecentMap<Session>;

  constructor(maxSessions: number) {
    this.#sessions = new RecentMap(maxSessions);
  }

  place(key: string, choice: string): Place | undefined {
    return this.#sessions.get(key)?.places.get(choice);
  }

  /** Stays known when the place is forgotten: what was given is bound for good. */
  last(key: string, choice: string): Target | undefined {
    const session = this.#sessions.get(key);
    return session?.lasts.get(choice) ?? session?.last;
  }

  answered(key: string, choice: string, target: Target, { remember }: { remember: boolean }): void {
    const session = this.#sessions.get(key) ?? {
      places: new RecentMap<Place>(MAX_CHOICES),
      lasts: new RecentMap<Target>(MAX_CHOICES),
      last: target,
    };
    session.last = target;
    session.lasts.set(choice, target);
    if (remember) session.places.set(choice, { target, answeredAtMs: Date.now() });
    this.#sessions.set(key, session);
  }

  failed(key: string, choice: string, target: Target): void {
    const places = this.#sessions.get(key)?.places;
    const place = places?.get(choice);
    if (place !== undefined && targetId(place.target) === targetId(target)) places?.delete(choice);
  }
}
