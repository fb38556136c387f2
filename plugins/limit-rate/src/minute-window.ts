const MINUTE_MS = 60_000;
/** What comes within this time is one entry: the size does not depend on the traffic. */
const SLICE_MS = 500;

/** A part of what a window holds; who added to it may correct that later. */
export interface Slice {
  readonly since: number;
  last: number;
  amount: number;
}

/** What has come up within the last 60 seconds. Nothing leaves it too early; within a slice some leave late. */
export class MinuteWindow {
  #slices: Slice[] = [];
  #sum = 0;

  add(amount: number, now: number): Slice {
    this.#forget(now);
    let slice = this.#slices.at(-1);
    if (slice === undefined || now - slice.since >= SLICE_MS) {
      slice = { since: now, last: now, amount: 0 };
      this.#slices.push(slice);
    }
    slice.last = now;
    slice.amount += amount;
    this.#sum += amount;
    return slice;
  }

  /** Corrects what was added. More than that counts anew where its time is over. */
  correct(slice: Slice, delta: number, now: number): void {
    this.#forget(now);
    if (this.#slices.includes(slice)) {
      slice.amount += delta;
      this.#sum += delta;
    } else if (delta > 0) {
      this.add(delta, now);
    }
  }

  sum(now: number): number {
    this.#forget(now);
    return this.#sum;
  }

  /** Ms until `amount` more stay within `limit`. More than the limit takes whole minutes on top, one for each limit. */
  waitMs(amount: number, limit: number, now: number): number {
    this.#forget(now);
    const minutes = Math.max(0, Math.ceil(amount / limit) - 1);
    let excess = this.#sum + amount - minutes * limit - limit;
    let waitMs = 0;
    for (const { last, amount: leaving } of this.#slices) {
      if (excess <= 0) break;
      waitMs = last + MINUTE_MS - now;
      excess -= leaving;
    }
    return waitMs + minutes * MINUTE_MS;
  }

  #forget(now: number): void {
    let gone = 0;
    for (const { last, amount } of this.#slices) {
      if (last + MINUTE_MS > now) break;
      this.#sum -= amount;
      gone++;
    }
    if (gone > 0) this.#slices.splice(0, gone);
  }
}
