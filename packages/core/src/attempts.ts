import { errors, formatTarget, type Reply, SignalboxError, type Target } from '@signalbox/kit';
import { type CallTrace, callProvider, type ProviderEntry } from './dispatch/call-provider.ts';
import type { ExchangeState } from './exchange.ts';
import type { CoreHooks } from './hooks.ts';

/**
 * Tries the targets of the plan in order until one gives its first content; from then on nothing is tried again. A
 * failure that no other target can mend ends the loop.
 * @throws {SignalboxError} the last failure.
 */
export async function attemptTargets(
  hooks: CoreHooks,
  providers: ReadonlyMap<string, ProviderEntry>,
  exchange: ExchangeState,
): Promise<Reply> {
  let failure: unknown;
  for (const target of exchange.plan?.targets ?? []) {
    const startedMs = exchange.elapsedMs();
    const trace: CallTrace = { lane: 'canonical', providerStatus: undefined };
    const notesBefore = exchange.notes.list.length;
    const finish = (outcome: 'answered' | 'failed' | 'aborted', error?: SignalboxError): void => {
      const record = {
        target,
        lane: trace.lane,
        startedMs,
        endedMs: exchange.elapsedMs(),
        outcome,
        ...(trace.providerStatus === undefined ? {} : { providerStatus: trace.providerStatus }),
        ...(error === undefined ? {} : { error: error.info() }),
      };
      exchange.attempts.push(record);
      if (hooks.attempt.isUsed()) hooks.attempt.call(record, exchange);
    };
    exchange.target = target;
    try {
      const reply = await attempt(hooks, providers, target, exchange, trace);
      exchange.lane = trace.lane;
      finish('answered');
      return reply;
    } catch (error) {
      const known = SignalboxError.from(error);
      finish(exchange.aborted ? 'aborted' : 'failed', known);
      if (exchange.aborted || !known.retryable) throw error;
      // What this target would have lost is of no interest any more.
      exchange.notes.list.length = notesBefore;
      failure = error;
    }
  }
  throw failure ?? errors.noRoute('The route plan names no target.');
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
  // Untapped hooks are not called: that keeps a request of the provider's own format undecoded.
  const request = hooks.transformIn.isUsed()
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
  if (transformed !== reply && trace.lane === 'pass-through') trace.lane = 'canonical';
  return transformed;
}
