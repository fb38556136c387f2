import { type AttemptRecord, costOf, errors, type Principal, type Reply, SignalboxError } from '@signalbox/kit';
import { attemptTargets } from './attempts.ts';
import { countTokens } from './count-tokens.ts';
import type { ExchangeState } from './exchange.ts';
import { recordOf } from './exchange-record.ts';
import type { Generation } from './generation.ts';
import { tellAll } from './hooks.ts';
import { settleAttempt } from './try-target.ts';

/** Everyone on this machine, where no auth plugin is configured. Such a gateway listens on loopback only. */
const LOCAL_USER: Principal = Object.freeze({ id: 'local' });

/**
 * Takes one chat request through auth, route and the attempts, up to the first content of its reply.
 * @throws {SignalboxError} whatever kept it from an answer, with the plugin and hook that raised it.
 */
export async function runPipeline(generation: Generation, exchange: ExchangeState): Promise<Reply> {
  await authenticate(generation, exchange);
  await route(generation, exchange);
  return attemptTargets(generation, exchange);
}

/** Answers how many tokens a request has, by the provider's own count where it has one, else by an estimate. */
export async function runCountTokens(generation: Generation, exchange: ExchangeState): Promise<number> {
  await authenticate(generation, exchange);
  await route(generation, exchange);
  return countTokens(generation, exchange);
}

/**
 * Asks who this is, once. A server asks with the headers alone, before it reads a body that may be large.
 * @throws {SignalboxError} UNAUTHENTICATED, or what an auth tap throws.
 */
export async function authenticate({ hooks }: Generation, exchange: ExchangeState): Promise<void> {
  if (exchange.principal !== undefined) return;
  if (!hooks.auth.isUsed()) {
    exchange.principal = LOCAL_USER;
    return;
  }
  const principal: Partial<Principal> | null | undefined = await hooks.auth.promise(exchange);
  // Also what types forbid lets nobody in: a plugin may well say `known && principal`.
  if (typeof principal?.id !== 'string') {
    throw errors.unauthenticated('This gateway wants a key: send it as x-api-key or Authorization: Bearer.');
  }
  exchange.principal = principal as Principal;
}

/** A larger body is not read only to learn from it. */
const MAX_ESTIMATED_BYTES = 1024 * 1024;

/** @throws {SignalboxError} NO_ROUTE, or what a strategy throws. */
export async function route({ hooks, providers, tokenCorrection }: Generation, exchange: ExchangeState): Promise<void> {
  exchange.tokenCorrection = tokenCorrection;
  const plan = await hooks.route.promise(undefined, exchange);
  exchange.routedMs = exchange.elapsedMs();
  if (plan === undefined || plan === null || plan.targets.length === 0) {
    const names = [...providers.keys()].join(', ') || 'none';
    throw errors.noRoute(
      `No route for the model "${exchange.model}". Providers: ${names}. Ask for provider/model, or configure a default: the plugin @signalbox/route-scenarios has one.`,
    );
  }
  exchange.plan = plan;
}

/**
 * Ends an exchange and whatever call it still has: settles its record and tells the log taps, whatever became of it.
 * Called exactly once.
 */
export function finishExchange(generation: Generation, exchange: ExchangeState, error?: unknown): void {
  const { hooks, log } = generation;
  exchange.release();
  if (error !== undefined) {
    const known = SignalboxError.from(error);
    exchange.error ??= known.info();
    if (known.code === 'INTERNAL' || known.code === 'PLUGIN_FAILED') {
      const { plugin, hook } = known;
      log.error({ exchange: exchange.id, plugin, hook, err: known.cause }, 'unexpected failure');
    }
  }
  settleAttempt(generation, exchange);
  if (hooks.log.isUsed()) tellLog(generation, exchange);
  learnTokens(exchange);
}

function tellLog(generation: Generation, exchange: ExchangeState): void {
  const { hooks, log } = generation;
  const failed = (failure: unknown): void => {
    log.error({ exchange: exchange.id, err: failure }, 'a log plugin failed');
  };
  try {
    tellAll(hooks.log, [recordOf(exchange, costOfAttempts(generation, exchange.attempts))], failed);
  } catch (failure) {
    // What plugins know of prices goes into the record.
    failed(failure);
  }
}

/** Holds the estimate of the prompt against what was reported for it. Nobody waits for this any more. */
function learnTokens(exchange: ExchangeState): void {
  const { tokenCorrection, attempts, model } = exchange;
  if (tokenCorrection === undefined) return;
  for (const { target, usage, as } of attempts) {
    // A continuation's prompt holds the answer so far.
    if (usage?.promptTokens === undefined || as === 'continuation') continue;
    const wanted = tokenCorrection.wantsEstimate(target) && exchange.rawBody.length <= MAX_ESTIMATED_BYTES;
    const estimated = exchange.rawPromptTokens ?? (wanted ? estimateOf(exchange) : undefined);
    if (estimated !== undefined) tokenCorrection.observe(target, model, estimated, usage.promptTokens);
  }
}

/** `undefined` for a body that passed through although it cannot be read. */
function estimateOf(exchange: ExchangeState): number | undefined {
  try {
    exchange.estimatePromptTokens();
    return exchange.rawPromptTokens;
  } catch {
    return undefined;
  }
}

/** What providers say they charged, else what the known prices say. Unknown as soon as one part of it is. */
function costOfAttempts(
  { modelInfo }: Pick<Generation, 'modelInfo'>,
  attempts: readonly AttemptRecord[],
): number | undefined {
  let total: number | undefined;
  for (const { target, usage } of attempts) {
    // A try without any usage has cost nothing that anybody knows of.
    if (usage === undefined) continue;
    const prices = modelInfo(target)?.prices;
    const cost = usage.costUsd ?? (prices === undefined ? undefined : costOf(usage, prices));
    if (cost === undefined) return undefined;
    total = (total ?? 0) + cost;
  }
  return total;
}
