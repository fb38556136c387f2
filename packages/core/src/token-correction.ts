import { formatTarget, RecentMap, type Target } from '@signalbox/kit';

const MAX_MODELS = 1_000;
/** What stands around a prompt outweighs one that is smaller. */
const MIN_TOKENS = 500;
/** Beyond this it is the report that cannot be meant so, and it says nothing: without cached tokens, or of many calls. */
const MIN_FACTOR = 0.5;
const MAX_FACTOR = 2;
/** How many reports about a model are each worth an estimate that nobody has asked for; then one of so many. */
const FIRST_REPORTS = 8;
const REPORTS_PER_ESTIMATE = 256;
/** How much a report counts against all that came before it. */
const WEIGHT = 0.2;
/** Factors come in steps, so that a number does not change with every report. */
const STEP = 0.02;

/**
 * How far estimates of prompts are from what providers report, per target's model and per model as clients ask for it.
 * Bounded: the models that were used last are remembered.
 */
export class TokenCorrection {
  readonly #ratios = new RecentMap<number>(MAX_MODELS);
  readonly #answers = new RecentMap<number>(MAX_MODELS);

  /**
   * Learns from one answer.
   * @param asked the model that the client asked for.
   * @param estimated tokens, uncorrected.
   * @param reported tokens of the whole prompt, cached ones included.
   */
  observe(target: Target, asked: string, estimated: number, reported: number): void {
    // Written so that what is no number is refused, too.
    if (!(estimated >= MIN_TOKENS && estimated < Infinity && reported > 0)) return;
    const ratio = reported / estimated;
    if (ratio < MIN_FACTOR || ratio > MAX_FACTOR) return;
    for (const key of [ofTarget(target), ofModel(asked)]) {
      const before = this.#ratios.get(key);
      this.#ratios.set(key, before === undefined ? ratio : before + WEIGHT * (ratio - before));
    }
  }

  /** Whether the answer that a target has just given is worth an estimate: the first ones are, and then a few. */
  wantsEstimate(target: Target): boolean {
    const key = ofTarget(target);
    const before = this.#answers.get(key) ?? 0;
    this.#answers.set(key, before + 1);
    return before < FIRST_REPORTS || before % REPORTS_PER_ESTIMATE === 0;
  }

  /** What to multiply an estimate with, from 0.5 to 2: for a target, or for a model as asked for. 1: nothing is known. */
  factor(of: Target | string): number {
    const ratio = this.#ratios.get(typeof of === 'string' ? ofModel(of) : ofTarget(of));
    return ratio === undefined ? 1 : Math.round(ratio / STEP) * STEP;
  }
}

/** Keys of a provider count alike. */
function ofTarget(target: Target): string {
  return `target ${formatTarget(target)}`;
}

function ofModel(model: string): string {
  return `model ${model}`;
}
