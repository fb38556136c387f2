import { type AttemptRecord, errors, type Reply, type RoutePlan, SignalboxError, type Target } from '@signalbox/kit';
import { continueWhenCut } from './continue-stream.ts';
import type { ExchangeState } from './exchange.ts';
import { hedge } from './hedge.ts';
import { RetryBudget } from './retry-budget.ts';
import { type Attempting, Skipped, tryTarget } from './try-target.ts';

const REFUSED = 'CONTENT_REFUSED';
const NO_PLAN: RoutePlan = { targets: [], reason: '' };

/**
 * Tries the targets of the plan until one gives its first content; from then on nothing is tried again.
 * @throws {SignalboxError} the last failure.
 */
export async function attemptTargets(generation: Attempting, exchange: ExchangeState): Promise<Reply> {
  const plan = exchange.plan ?? NO_PLAN;
  const { hedge: hedging, onCut, targets } = plan;
  if (onCut === 'continue' && exchange.stream) {
    return continueWhenCut(generation, exchange, await tryInOrder(generation, exchange, [...targets]));
  }
  if (hedging === undefined || exchange.stream || targets.length === 0) {
    return tryInOrder(generation, exchange, [...targets]);
  }
  return hedge(generation, exchange, hedging, (attempting, queue, as) => tryInOrder(generation, attempting, queue, as));
}

/**
 * Takes targets from the front of `queue` until one gives its first content. A target gets the retries that its failures
 * are worth, then comes the next one. A failure that no other target can mend ends it all.
 * @throws {SignalboxError} the last failure of a provider, or what kept all of them from being called.
 */
async function tryInOrder(
  generation: Attempting,
  exchange: ExchangeState,
  queue: Target[],
  as?: AttemptRecord['as'],
): Promise<Reply> {
  const { retry, moveOn } = exchange.plan ?? NO_PLAN;
  let failure: unknown;
  let skipped: unknown;
  for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
    let retries: RetryBudget | undefined;
    for (let waitMs: number | undefined = 0; waitMs !== undefined; ) {
      if (waitMs > 0) await pause(waitMs, exchange);
      // What this try reports is not to be mixed with what an earlier one did.
      exchange.usage = undefined;
      // The last target's refusal is an answer like any other.
      exchange.refusalMovesOn = moveOn?.includes(REFUSED) === true && queue.length > 0;
      const notesBefore = exchange.notes.list.length;
      try {
        return await tryTarget(generation, target, exchange, as);
      } catch (thrown) {
        const error = thrown instanceof Skipped ? thrown.error : thrown;
        if (exchange.over) throw exchange.stopped ?? error;
        const known = SignalboxError.from(error);
        if (thrown instanceof Skipped) {
          if (!known.retryable) throw error;
          skipped = error;
          waitMs = undefined;
        } else {
          retries ??= new RetryBudget(retry);
          waitMs = retries.waitMsAfter(known);
          const movesOn = moveOn === undefined ? known.retryable : moveOn.includes(known.code);
          if (waitMs === undefined && !movesOn) throw error;
          failure = error;
        }
        // What this try would have lost is of no interest any more.
        exchange.notes.list.length = notesBefore;
      }
    }
  }
  throw failure ?? skipped ?? errors.noRoute('The route plan names no target.');
}

/** @throws {SignalboxError} CLIENT_CLOSED as soon as the client has left. */
async function pause(ms: number, exchange: ExchangeState): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    exchange.onRelease(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  if (exchange.over) throw exchange.stopped ?? errors.clientClosed();
}
