import { type HttpProvider, isLocalProvider, type Lane, providerForCall, type Target } from '@signalbox/kit';
import type { ExchangeState } from '../exchange.ts';
import type { ProviderEntry } from './call-provider.ts';
import { CallState } from './provider-call.ts';

/** The lane of a request that no tap has changed: the client's own bytes where this provider takes them. */
export function laneUnchanged(provider: HttpProvider, call: CallState, exchange: ExchangeState): Lane {
  if (provider.format.id !== exchange.format || exchange.completed) return 'canonical';
  call.lane = 'pass-through';
  return provider.acceptsVerbatim?.(call) === false ? 'canonical' : 'pass-through';
}

/** The lane that a target will have unless a tap changes the request; `undefined`: there is no such provider. */
export function laneAhead(entry: ProviderEntry | undefined, target: Target, exchange: ExchangeState): Lane | undefined {
  if (entry === undefined) return undefined;
  if (isLocalProvider(entry.provider)) return 'local';
  // Words that the client did not send.
  if (exchange.continued !== undefined) return 'canonical';
  const call = new CallState(target, exchange, undefined);
  return laneUnchanged(providerForCall(entry.provider, call), call, exchange);
}
