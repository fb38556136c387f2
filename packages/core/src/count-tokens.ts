import { errors, isLocalProvider, SignalboxError } from '@signalbox/kit';
import { type CallTrace, callCountTokens } from './dispatch/call-provider.ts';
import type { ExchangeState } from './exchange.ts';
import type { Generation } from './generation.ts';
import { transformedRequest } from './hooks.ts';

/** Failures that the client has to know, because an estimate would hide them. */
const TOLD = new Set(['PROVIDER_AUTH', 'UNAUTHENTICATED', 'PROVIDER_REJECTED', 'UNSUPPORTED', 'CLIENT_CLOSED']);

/**
 * Tokens of the prompt. The provider counts where it can, once for all who ask the same within a minute, and gets what a
 * chat request would: what taps take out of a prompt is not for it. Where it fails for reasons of its own (no such
 * endpoint, limits, outages) the answer is an estimate, with a note and a warning in the log.
 */
export async function countTokens(
  { hooks, providers, log, tokenCounts }: Pick<Generation, 'hooks' | 'providers' | 'log' | 'tokenCounts'>,
  exchange: ExchangeState,
): Promise<number> {
  const target = exchange.plan?.targets[0];
  const entry = target === undefined ? undefined : providers.get(target.provider);
  if (target === undefined || entry === undefined) {
    throw errors.noRoute(`No provider is called "${target?.provider ?? ''}".`);
  }
  exchange.target = target;
  exchange.lane = 'local';
  if (isLocalProvider(entry.provider) || entry.provider.countsTokens !== true) return exchange.estimatePromptTokens();
  const changed = await transformedRequest(hooks, target, exchange);
  const trace: CallTrace = { lane: 'canonical', providerStatus: undefined };
  try {
    const tokens = await callCountTokens(entry, changed, target, exchange, trace, tokenCounts);
    exchange.lane = trace.lane;
    return tokens;
  } catch (error) {
    if (!SignalboxError.is(error) || TOLD.has(error.code) || exchange.aborted) throw error;
    log.warn({ exchange: exchange.id, provider: entry.name, code: error.code }, 'the provider could not count tokens');
    exchange.notes.add('', 'approximated', 'the provider could not count the tokens; this is an estimate');
    return exchange.estimatePromptTokens();
  }
}
