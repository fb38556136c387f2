import { formatTarget, RecentMap, type Target } from '@signalbox/kit';

/** By how much estimates are too low at worst where nothing was reported yet: docs/token-estimates.md has −21 %. */
const UNKNOWN = 1.27;
/** The least that is kept: a next prompt has other texts in it. */
export const LEAST = 1.05;
/** What is added to the worst that was seen lately. */
const SLACK = 1.02;
const MIN_REPORTS = 3;
const KEPT_REPORTS = 10;
const MAX_TARGETS = 1_000;
/** What is further off than this is a report of something else. */
const MOST_OFF = 2;

/** How far the estimates of prompts were too low lately, by target. Bounded. */
export class Margins {
  readonly #ratios = new RecentMap<readonly number[]>(MAX_TARGETS);

  /** What to multiply an estimate with, to be on the safe side. */
  of(target: Target): number {
    const ratios = this.#ratios.get(formatTarget(target)) ?? [];
    return ratios.length < MIN_REPORTS ? UNKNOWN : Math.max(LEAST, Math.max(...ratios) * SLACK);
  }

  /** Learns from what a target has reported as the whole prompt, of which there was an estimate. */
  learn(target: Target, estimated: number, reported: number): void {
    const ratio = reported / estimated;
    if (!(ratio >= 1 / MOST_OFF && ratio <= MOST_OFF)) return;
    const name = formatTarget(target);
    this.#ratios.set(name, [...(this.#ratios.get(name) ?? []), ratio].slice(-KEPT_REPORTS));
  }
}
