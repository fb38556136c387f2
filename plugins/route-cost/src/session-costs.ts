import { type AttemptRecord, type Exchange, formatTarget, RecentMap, sessionKey, targetId } from '@signalbox/kit';

const MAX_SESSIONS = 2_000;
const MAX_TARGETS = 8;

/** What a target has of a session's prompt. */
export interface Cached {
  /** As reported with its last answer: what was read from the cache and what was written to it. */
  readonly tokens: number;
  /** It charges for what it writes to the cache. */
  readonly writes: boolean;
  readonly reportedAtMs: number;
}

export interface SessionCosts {
  /** Of the last prompt that was counted: tells how long this one is, without decoding. */
  readonly tokensPerByte: number;
  /** By the target's id. */
  readonly cached: RecentMap<Cached>;
}

/** What the answers of each session have reported. Bounded: it forgets the sessions that have been quiet for longest. */
export class SessionReports {
  readonly #sessions = new RecentMap<SessionCosts>(MAX_SESSIONS);

  learn({ target, outcome, usage }: AttemptRecord, exchange: Exchange): void {
    const promptTokens = usage?.promptTokens;
    if (outcome !== 'answered' || usage === undefined || promptTokens === undefined) return;
    const key = sessionKey(exchange);
    const bytes = exchange.rawBody.length;
    if (key === undefined || bytes === 0) return;
    const { cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
    const cached = this.#sessions.get(key)?.cached ?? new RecentMap<Cached>(MAX_TARGETS);
    const report = {
      tokens: cacheReadTokens + cacheWriteTokens,
      writes: cacheWriteTokens > 0 || cached.get(targetId(target))?.writes === true,
      reportedAtMs: Date.now(),
    };
    cached.set(formatTarget(target), report);
    if (target.key !== undefined) cached.set(targetId(target), report);
    this.#sessions.set(key, { tokensPerByte: promptTokens / bytes, cached });
  }

  /** What is known of the session that asks; `undefined`: nothing. */
  of(exchange: Exchange): SessionCosts | undefined {
    const key = sessionKey(exchange);
    return key === undefined ? undefined : this.#sessions.get(key);
  }
}
