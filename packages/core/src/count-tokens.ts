import { countsTokens, errors, isLocalProvider, providerForCall, SignalboxError } from '@signalbox/kit';
import { callCount } from './dispatch/call-count.ts';
import type { CallTrace } from './dispatch/call-provider.ts';
import { CallState } from './dispatch/provider-call.ts';
import type { ExchangeState } from './exchange.ts';
import type { Generation } from './generation.ts';
import { transformedRequest } from './hooks.ts';
import { isMissing } from './token-counts.ts';

/** Failures that the client has to know, because an estimate would hide them. */
const TOLD = new Set(['PROVIDER_AUTH', 'UNAUTHENTICATED', 'UNSUPPORTED', 'CLIENT_CLOSED']);
/** The same, where the provider was asked in the client's own words: then it is the request that it refuses. */
const TOLD_IN_OWN_WORDS = 'PROVIDER_REJECTED';

const PATH = 'usage.promptTokens';
/** What becomes of these changes no prompt, and so no count of one. */
const NO_PROMPT: ReadonlySet<string> = new Set(['maxOutputTokens', 'temperature', 'topP', 'topK', 'stopSequences']);
const NO_COUNT = 'the provider does not count tokens; this is an estimate';

/**
 * Tokens of the prompt. The provider counts where it can, once for all who ask the same within a minute, and gets what a
 * chat request would: what taps take out of a prompt is not for it. Where it has no counts, or fails for reasons of its
 * own (no such endpoint, limits, outages, slowness), the answer is an estimate, with a note; the log has a warning of what
 * failed.
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
  const { provider, transport, name } = entry;
  if (isLocalProvider(provider) || transport === undefined || provider.countsTokens === undefined) {
    exchange.notes.add(PATH, 'approximated', NO_COUNT);
    return exchange.estimatePromptTokens();
  }
  const changed = await transformedRequest(hooks, target, exchange);
  const call = new CallState(target, exchange, changed);
  if (!countsTokens(provider, call)) {
    exchange.notes.add(PATH, 'approximated', NO_COUNT);
    return call.estimatePromptTokens();
  }
  const trace: CallTrace = { lane: 'canonical', providerStatus: undefined };
  try {
    const tokens = await callCount(provider, transport, call, changed === undefined, exchange, trace, tokenCounts);
    if (tokens !== undefined) {
      forgetSettings(exchange);
      exchange.lane = trace.lane;
      return tokens;
    }
  } catch (failure) {
    const error = SignalboxError.from(failure);
    const ownWords = providerForCall(provider, call).format.id === exchange.format;
    const refused = ownWords && error.code === TOLD_IN_OWN_WORDS && !isMissing(error);
    if (TOLD.has(error.code) || refused || exchange.over) throw failure;
    // What is no error of ours is a fault in a plugin: the log has to show it.
    const cause = SignalboxError.is(failure) ? {} : { err: failure };
    log.warn(
      { exchange: exchange.id, provider: name, code: error.code, ...cause },
      'the provider could not count tokens',
    );
  }
  forgetSettings(exchange);
  exchange.notes.add(PATH, 'approximated', 'the provider could not count the tokens; this is an estimate');
  return call.estimatePromptTokens();
}

function forgetSettings({ notes }: ExchangeState): void {
  notes.backTo(notes.list.filter(({ path }) => !NO_PROMPT.has(path)));
}
