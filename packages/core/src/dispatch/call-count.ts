import { errors, type HttpProvider, providerForCall, SignalboxError } from '@signalbox/kit';
import type { ExchangeState } from '../exchange.ts';
import { questionOf, type TokenCounts } from '../token-counts.ts';
import { type CallTrace, prepareCall, signed } from './call-provider.ts';
import { parseReply } from './pass-through.ts';
import { type CallState, TargetState } from './provider-call.ts';
import { readFailure } from './read-failure.ts';
import type { Transport } from './transport.ts';

/**
 * Asks a provider that counts tokens itself, in the format that this call has there, unless somebody just did.
 * @param unchanged whether no tap has changed the client's request.
 * @returns `undefined` where it has lately shown that it cannot: then it is not asked.
 * @throws {SignalboxError}
 */
export async function callCount(
  called: HttpProvider,
  transport: Transport,
  call: CallState,
  unchanged: boolean,
  exchange: ExchangeState,
  trace: CallTrace,
  counts: TokenCounts,
): Promise<number | undefined> {
  const provider = providerForCall(called, call);
  const context = new TargetState(call.model, provider, exchange);
  const request = prepareCall(provider, call, context, unchanged, exchange);
  // What one caller's key or prompts do not get says nothing of another's.
  const place = [request.url, call.model, exchange.principal?.id].join(' ');
  if (counts.rests(place)) return undefined;
  trace.lane = call.lane;
  try {
    return await counts.ask(questionOf(request, exchange.principal), exchange, async (onRelease) => {
      const response = await transport.send(await signed(provider, request, call), onRelease);
      trace.providerStatus = response.status;
      if (response.status >= 300) throw await readFailure(provider, response, call);
      const tokens = provider.format.decodeTokenCount?.(parseReply(await response.whole()));
      if (tokens === undefined) throw errors.malformedReply('The provider’s answer has no token count.');
      return tokens;
    });
  } catch (error) {
    if (SignalboxError.is(error)) counts.failed(place, error);
    throw error;
  }
}
