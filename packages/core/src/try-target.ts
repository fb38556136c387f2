import {
  type AttemptRecord,
  collectReply,
  type ErrorInfo,
  errors,
  formatTarget,
  type Reply,
  SignalboxError,
  type Target,
} from '@signalbox/kit';
import { type CallTrace, callProvider } from './dispatch/call-provider.ts';
import { rawBodyOf } from './dispatch/pass-through.ts';
import type { ExchangeState } from './exchange.ts';
import type { Generation } from './generation.ts';
import { tell, tellAll, wantsTransform } from './hooks.ts';
import { nameTarget } from './name-target.ts';

export type Attempting = Pick<Generation, 'hooks' | 'providers' | 'log'>;

type Release = (attempt: AttemptRecord) => void;

/** A try whose end is still to come. */
export interface OpenAttempt {
  readonly target: Target;
  readonly trace: CallTrace;
  readonly startedMs: number;
  readonly as: AttemptRecord['as'];
  /** Told of its end. */
  readonly releases: Release[];
  committedMs: number | undefined;
}

/**
 * One try at one target, up to its first content. One that fails is on record before its error is thrown; one that
 * answers stays open until `settleAttempt`.
 * @throws {SignalboxError}
 */
export async function tryTarget(
  generation: Attempting,
  target: Target,
  exchange: ExchangeState,
  as?: AttemptRecord['as'],
): Promise<Reply> {
  const open: OpenAttempt = {
    target,
    trace: { lane: 'canonical', providerStatus: undefined },
    startedMs: exchange.elapsedMs(),
    as,
    releases: [],
    committedMs: undefined,
  };
  exchange.target = target;
  exchange.openAttempt = open;
  exchange.beginTry();
  let admitted = false;
  try {
    await admit(generation, open, exchange);
    admitted = true;
    let reply = await attempt(generation, target, exchange, open.trace);
    // Of an answer that goes out whole nothing is out yet: it may still break off without loss.
    if (reply.kind === 'stream' && !exchange.stream) reply = { kind: 'whole', message: await collectReply(reply) };
    exchange.lane = open.trace.lane;
    open.committedMs = exchange.elapsedMs();
    return reply;
  } catch (error) {
    exchange.release();
    const named = nameTarget(SignalboxError.from(error), target);
    const known = exchange.stopped ?? named;
    // One that was given up for another's sake is on record already.
    if (exchange.openAttempt === open) {
      exchange.openAttempt = undefined;
      const outcome = exchange.over ? 'aborted' : admitted ? 'failed' : 'skipped';
      report(generation, exchange, open, { outcome, error: known.info() });
    }
    throw admitted ? named : new Skipped(error);
  }
}

/** A target that an admission refused: its provider was not called. */
export class Skipped {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Reports how the try that answered has ended; `error`: where it broke off. */
export function settleAttempt(
  generation: Pick<Generation, 'hooks' | 'log'>,
  exchange: ExchangeState,
  error: ErrorInfo | undefined = exchange.error,
): void {
  const { openAttempt: open, over } = exchange;
  if (open === undefined) return;
  exchange.openAttempt = undefined;
  report(generation, exchange, open, {
    outcome: over ? 'aborted' : error === undefined ? 'answered' : 'cut',
    ...(error === undefined ? {} : { error }),
  });
}

/** Ends a try that nobody waits for any more. */
export function abandonAttempt(generation: Pick<Generation, 'hooks' | 'log'>, exchange: ExchangeState): void {
  const { openAttempt: open } = exchange;
  exchange.openAttempt = undefined;
  exchange.stop(errors.clientClosed());
  if (open !== undefined) report(generation, exchange, open, { outcome: 'aborted' });
}

/** @throws {SignalboxError} what an admission says, or CLIENT_CLOSED where the client left while one waited. */
async function admit(generation: Pick<Generation, 'log'>, open: OpenAttempt, exchange: ExchangeState): Promise<void> {
  for (const ask of exchange.plan?.admit ?? []) {
    const release = await ask(open.target, exchange);
    // A hedge that was given up while it waited is on record already.
    if (release !== undefined) {
      if (exchange.openAttempt === open) open.releases.push(release);
      else tell(release, [aborted(open, exchange)], failedTold(generation, exchange));
    }
    if (exchange.over) throw exchange.stopped ?? errors.clientClosed();
  }
}

function failedTold({ log }: Pick<Generation, 'log'>, { id }: ExchangeState): (error: unknown) => void {
  return (error) => log.error({ exchange: id, err: error }, 'a plugin failed in attempt');
}

function aborted({ target, trace, startedMs }: OpenAttempt, exchange: ExchangeState): AttemptRecord {
  return { target, lane: trace.lane, startedMs, endedMs: exchange.elapsedMs(), outcome: 'aborted' };
}

function report(
  { hooks, log }: Pick<Generation, 'hooks' | 'log'>,
  exchange: ExchangeState,
  { target, trace, startedMs, committedMs, as, releases }: OpenAttempt,
  end: Pick<AttemptRecord, 'outcome' | 'error'>,
): void {
  const record: AttemptRecord = {
    target,
    lane: trace.lane,
    startedMs,
    endedMs: exchange.elapsedMs(),
    ...(committedMs === undefined ? {} : { committedMs }),
    ...(trace.providerStatus === undefined ? {} : { providerStatus: trace.providerStatus }),
    ...(exchange.usage === undefined ? {} : { usage: exchange.usage }),
    ...(as === undefined ? {} : { as }),
    ...end,
  };
  exchange.attempts.push(record);
  const failed = failedTold({ log }, exchange);
  for (const release of releases) tell(release, [record], failed);
  tellAll(hooks.attempt, [record, exchange], failed);
}

async function attempt(
  { hooks, providers }: Attempting,
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
  const { continued } = exchange;
  const request = wantsTransform(hooks, target, exchange)
    ? await hooks.transformIn.promise(continued ?? exchange.request, target, exchange)
    : continued;
  const changed = request === undefined || request === exchange.request ? undefined : request;
  let reply = hooks.dispatch.isUsed()
    ? await hooks.dispatch.promise(request ?? exchange.request, target, exchange)
    : undefined;
  if (reply !== undefined) trace.lane = 'local';
  reply ??= await callProvider(entry, changed, target, exchange, trace);
  if (!hooks.transformOut.isUsed()) return reply;
  exchange.lane = trace.lane;
  const transformed = await hooks.transformOut.promise(reply, exchange);
  // A tap that has changed the reply, or read its events, has taken it out of the pass-through lane.
  if (trace.lane === 'pass-through' && rawBodyOf(transformed) === undefined) trace.lane = 'canonical';
  return transformed;
}
