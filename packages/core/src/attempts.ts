import { type AttemptRecord, errors, formatTarget, type Reply, SignalboxError, type Target } from '@signalbox/kit';
import { type CallTrace, callProvider, type ProviderEntry } from './dispatch/call-provider.ts';
import { rawBodyOf } from './dispatch/pass-through.ts';
import type { ExchangeState } from './exchange.ts';
import type { Generation } from './generation.ts';
import { type CoreHooks, wantsTransform } from './hooks.ts';
import { RetryBudget } from './retry-budget.ts';

type Attempting = Pick<Generation, 'hooks' | 'providers' | 'log'>;

/** A try that has given its first content and whose end is still to come. */
export interface OpenAttempt {
  readonly target: Target;
  readonly trace: CallTrace;
  readonly startedMs: number;
  readonly committedMs: number;
}

/**
 * Tries the targets of the plan in order until one gives its first content; from then on nothing is tried again. A
 * target gets the retries that its failures are worth, then comes the next one. A failure that no other target can mend
 * ends it all.
 * @throws {SignalboxError} the last failure.
 */
export async function attemptTargets(generation: Attempting, exchange: ExchangeState): Promise<Reply> {
  const { targets = [], retry, moveOn } = exchange.plan ?? {};
  let failure: unknown;
  for (const target of targets) {
    let retries: RetryBudget | undefined;
    for (let waitMs: number | undefined = 0; waitMs !== undefined; ) {
      if (waitMs > 0) await pause(waitMs, exchange);
      // What this try reports is not to be mixed with what an earlier one did.
      exchange.usage = undefined;
      const notesBefore = exchange.notes.list.length;
      try {
        return await tryTarget(generation, target, exchange);
      } catch (error) {
        if (exchange.aborted) throw error;
        const known = SignalboxError.from(error);
        retries ??= new RetryBudget(retry);
        waitMs = retries.waitMsAfter(known);
        const movesOn = moveOn === undefined ? known.retryable : moveOn.includes(known.code);
        if (waitMs === undefined && !movesOn) throw error;
        // What this try would have lost is of no interest any more.
        exchange.notes.list.length = notesBefore;
        failure = error;
      }
    }
  }
  throw failure ?? errors.noRoute('The route plan names no target.');
}

/** One try. One that fails is on record before the error is thrown. */
async function tryTarget(
  { hooks, providers, log }: Attempting,
  target: Target,
  exchange: ExchangeState,
): Promise<Reply> {
  const startedMs = exchange.elapsedMs();
  const trace: CallTrace = { lane: 'canonical', providerStatus: undefined };
  exchange.target = target;
  try {
    const reply = await attempt(hooks, providers, target, exchange, trace);
    exchange.lane = trace.lane;
    exchange.openAttempt = { target, trace, startedMs, committedMs: exchange.elapsedMs() };
    return reply;
  } catch (error) {
    exchange.release();
    const known = SignalboxError.from(error);
    const outcome = exchange.aborted ? 'aborted' : 'failed';
    report({ hooks, log }, exchange, { ...record(target, trace, startedMs, exchange), outcome, error: known.info() });
    throw error;
  }
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
  if (exchange.aborted) throw errors.clientClosed();
}

/** Reports how the attempt that answered has ended. */
export function settleAttempt(generation: Pick<Generation, 'hooks' | 'log'>, exchange: ExchangeState): void {
  const { openAttempt, error, aborted } = exchange;
  if (openAttempt === undefined) return;
  exchange.openAttempt = undefined;
  const { target, trace, startedMs, committedMs } = openAttempt;
  report(generation, exchange, {
    ...record(target, trace, startedMs, exchange),
    committedMs,
    outcome: aborted ? 'aborted' : error === undefined ? 'answered' : 'cut',
    ...(error === undefined ? {} : { error }),
  });
}

function record(target: Target, trace: CallTrace, startedMs: number, exchange: ExchangeState) {
  return {
    target,
    lane: trace.lane,
    startedMs,
    endedMs: exchange.elapsedMs(),
    ...(trace.providerStatus === undefined ? {} : { providerStatus: trace.providerStatus }),
  };
}

function report(
  { hooks, log }: Pick<Generation, 'hooks' | 'log'>,
  exchange: ExchangeState,
  attempt: AttemptRecord,
): void {
  exchange.attempts.push(attempt);
  if (!hooks.attempt.isUsed()) return;
  try {
    hooks.attempt.call(attempt, exchange);
  } catch (error) {
    // Whoever only watches cannot fail a request.
    log.error({ exchange: exchange.id, err: error }, 'a plugin failed in attempt');
  }
}

async function attempt(
  hooks: CoreHooks,
  providers: ReadonlyMap<string, ProviderEntry>,
  target: Target,
  exchange: ExchangeState,
  trace: CallTrace,
): Promise<Reply> {
  const entry = providers.get(target.provider);
  if (entry === undefined) {
    const names = [...providers.keys()].join(', ');
    throw errors.noRoute(
      `No provider is called "${target.provider}" (target ${formatTarget(target)}). Configured: ${names}.`,
    );
  }
  // A hook that nobody needs is not called: that keeps a request of the provider's own format undecoded.
  const request = wantsTransform(hooks, target, exchange)
    ? await hooks.transformIn.promise(exchange.request, target, exchange)
    : undefined;
  const changed = request === undefined || request === exchange.request ? undefined : request;
  let reply = hooks.dispatch.isUsed()
    ? await hooks.dispatch.promise(request ?? exchange.request, target, exchange)
    : undefined;
  if (reply !== undefined) trace.lane = 'local';
  reply ??= await callProvider(entry, changed, target, exchange, trace);
  if (!hooks.transformOut.isUsed()) return reply;
  const transformed = await hooks.transformOut.promise(reply, exchange);
  // A tap that has changed the reply, or read its events, has taken it out of the pass-through lane.
  if (trace.lane === 'pass-through' && rawBodyOf(transformed) === undefined) trace.lane = 'canonical';
  return transformed;
}
