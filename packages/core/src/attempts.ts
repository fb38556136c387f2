import { type AttemptRecord, errors, type Reply, type RoutePlan, SignalboxError, type Target } from '@signalbox/kit';
import { continueWhenCut } from './continue-stream.ts';
import type { ExchangeState } from './exchange.ts';
import { Failures, isAboutRequest } from './failures.ts';
import { hedge } from './hedge.ts';
import { RetryBudget } from './retry-budget.ts';
import { type Attempting, Skipped, tryTarget } from './try-target.ts';

const REFUSED = 'CONTENT_REFUSED';
/** No provider's failure hides that a plugin or the gateway is broken. */
const OWN_FAULTS: ReadonlySet<string> = new Set(['INTERNAL', 'PLUGIN_FAILED']);
const NO_PLAN: RoutePlan = { targets: [], reason: '' };

/**
 * Tries the targets of the plan until one gives its first content; from then on nothing is tried again.
 * @throws {SignalboxError} of their failures the one that the client can do most about.
 */
export async function attemptTargets(generation: Attempting, exchange: ExchangeState): Promise<Reply> {
  const plan = exchange.plan ?? NO_PLAN;
  const { hedge: hedging, onCut, targets } = plan;
  const failures = new Failures(plan.chosen ?? targets[0]);
  const hedged = hedging !== undefined && !exchange.stream && targets.length > 0;
  const reply = hedged
    ? await hedge(generation, exchange, hedging, (fork, queue, as) => tryInOrder(generation, fork, queue, failures, as))
    : await tryInOrder(generation, exchange, [...targets], failures);
  exchange.stand(generation.log);
  return onCut === 'continue' && exchange.stream ? continueWhenCut(generation, exchange, reply) : reply;
}

/**
 * Takes targets from the front of `queue` until one gives its first content. A target gets the retries that its failures
 * are worth, then comes the next one. A failure that no other target can mend ends it all, but not where it only says that
 * a fallback cannot take what the chosen target can.
 * @throws {SignalboxError} the worst failure of all so far.
 */
async function tryInOrder(
  generation: Attempting,
  exchange: ExchangeState,
  queue: Target[],
  failures: Failures,
  as?: AttemptRecord['as'],
): Promise<Reply> {
  const { retry, moveOn } = exchange.plan ?? NO_PLAN;
  for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
    let retries: RetryBudget | undefined;
    for (let waitMs: number | undefined = 0; waitMs !== undefined; ) {
      if (waitMs > 0) await pause(waitMs, exchange);
      // What this try reports is not to be mixed with what an earlier one did.
      exchange.usage = undefined;
      // The last target's refusal is an answer like any other.
      exchange.refusalMovesOn = moveOn?.includes(REFUSED) === true && queue.length > 0;
      const notesBefore = [...exchange.notes.list];
      try {
        return await tryTarget(generation, target, exchange, as);
      } catch (thrown) {
        const error = thrown instanceof Skipped ? thrown.error : thrown;
        if (exchange.over) throw exchange.stopped ?? error;
        const known = SignalboxError.from(error);
        if (OWN_FAULTS.has(known.code)) throw error;
        const skipped = thrown instanceof Skipped;
        retries ??= new RetryBudget(retry);
        waitMs = skipped ? undefined : retries.waitMsAfter(known);
        if (waitMs === undefined) {
          const movesOn = skipped ? known.retryable : doesMoveOn(known, moveOn, failures.isChosen(target));
          failures.add({ target, error: known, skipped, final: !movesOn });
          if (!movesOn) throw reported(failures, exchange);
        }
        // What this try would have lost is of no interest any more.
        exchange.notes.backTo(notesBefore);
      }
    }
  }
  throw reported(failures, exchange);
}

function doesMoveOn(error: SignalboxError, moveOn: RoutePlan['moveOn'], chosen: boolean): boolean {
  if (moveOn !== undefined) return moveOn.includes(error.code);
  return error.retryable || (!chosen && error.code !== REFUSED && isAboutRequest(error));
}

/** The exchange is then that of the target whose failure it is. */
function reported(failures: Failures, exchange: ExchangeState): SignalboxError {
  const worst = failures.worst();
  if (worst === undefined) return errors.noRoute('The route plan names no target.');
  exchange.target = worst.target;
  return worst.error;
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
