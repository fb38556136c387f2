import { errors, isLocalProvider } from '@signalbox/kit';
import { type CallTrace, callCountTokens, type ProviderEntry } from './dispatch/call-provider.ts';
import type { ExchangeState } from './exchange.ts';

/**
 * Tokens of the prompt. The provider counts where it can; a failure of its credential is passed on, because an estimate
 * would hide it, and any other failure is answered with the estimate.
 */
export async function countTokens(
  providers: ReadonlyMap<string, ProviderEntry>,
  exchange: ExchangeState,
): Promise<number> {
  const target = exchange.plan?.targets[0];
  const entry = target === undefined ? undefined : providers.get(target.provider);
  if (target === undefined || entry === undefined) {
    throw errors.noRoute(`No provider is called "${target?.provider ?? ''}".`);
  }
  exchange.target = target;
  if (isLocalProvider(entry.provider) || entry.provider.countsTokens !== true) {
    exchange.lane = 'local';
    return exchange.estimatePromptTokens();
  }
  const trace: CallTrace = { lane: 'canonical', providerStatus: undefined };
  try {
    const tokens = await callCountTokens(entry, target, exchange, trace);
    exchange.lane = trace.lane;
    return tokens;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'PROVIDER_AUTH' || code === 'UNAUTHENTICATED' || exchange.aborted) throw error;
    exchange.lane = 'local';
    exchange.notes.add('', 'approximated', 'the provider could not count the tokens; this is an estimate');
    return exchange.estimatePromptTokens();
  }
}
