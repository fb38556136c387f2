import {
  collectMessage,
  type EventMapper,
  enforceStopSequences,
  errors,
  type HttpProvider,
  leaveOutNulls,
  mapBatch,
  messageToEvents,
  type Reply,
  SignalboxError,
} from '@signalbox/kit';
import type { ExchangeState } from '../exchange.ts';
import { canonicalStream } from './canonical-stream.ts';
import { emptyEnd, saysNothing } from './first-content.ts';
import { parseReply, streamPassThrough, wholePassThrough } from './pass-through.ts';
import type { CallState, TargetState } from './provider-call.ts';
import { readFailure, refineFailure } from './read-failure.ts';
import { refuseRefusal } from './refusal.ts';
import type { ProviderResponse } from './transport.ts';

/**
 * The reply in a provider's answer, up to its first content. Sets the call's lane to `canonical` where the answer does
 * not come in the way the client asked for.
 * @throws {SignalboxError} what an error status, an error inside a 200 or a broken answer means.
 */
export async function readAnswer(
  provider: HttpProvider,
  response: ProviderResponse,
  call: CallState,
  context: TargetState,
  exchange: ExchangeState,
): Promise<Reply> {
  if (response.status >= 300) throw await readFailure(provider, response, call);
  try {
    return await read(provider, response, call, context, exchange);
  } catch (error) {
    response.cancel();
    throw SignalboxError.is(error) ? refineFailure(provider, error, response, call) : error;
  }
}

async function read(
  { format }: HttpProvider,
  response: ProviderResponse,
  call: CallState,
  context: TargetState,
  exchange: ExchangeState,
): Promise<Reply> {
  const streamed = isStream(response, exchange.stream);
  if (streamed !== exchange.stream) call.lane = 'canonical';
  if (call.lane === 'pass-through') {
    return streamed
      ? streamPassThrough(response, format, context, exchange)
      : wholePassThrough(await response.whole(), response, format, context, exchange);
  }
  const map = mapperFor(context);
  if (streamed) return canonicalStream(response, format, context, map, exchange);
  const message = format.decodeReply(parseReply(await response.whole()), context);
  if (message.usage !== undefined) exchange.addUsage(message.usage);
  const empty = saysNothing(message) ? emptyEnd(message.stopReason) : undefined;
  if (empty !== undefined) throw empty;
  refuseRefusal(message, exchange);
  return {
    kind: 'whole',
    message: map === undefined ? message : collectMessage(mapBatch(messageToEvents(message), map)),
  };
}

/** What the provider could not do itself, in the order in which a client must not notice it. */
function mapperFor({ nulls, stopSequences }: TargetState): EventMapper | undefined {
  const leaveOut = nulls === undefined ? undefined : leaveOutNulls(nulls);
  const stop = stopSequences.length === 0 ? undefined : enforceStopSequences(stopSequences);
  if (leaveOut === undefined || stop === undefined) return leaveOut ?? stop;
  return (event) => {
    const kept = leaveOut(event);
    if (kept === undefined) return undefined;
    return mapBatch('type' in kept ? [kept] : kept, stop);
  };
}

/**
 * A server that does not stream answers a stream request with a whole body, and some stream always.
 * @throws {SignalboxError} MALFORMED_REPLY for what is neither.
 */
function isStream({ headers }: ProviderResponse, asked: boolean): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw errors.malformedReply(`The provider compressed its answer (${encoding}) although it was not asked to.`);
  }
  const contentType = (headers['content-type'] ?? '').toLowerCase();
  if (contentType.startsWith('text/html')) {
    throw errors.malformedReply('The provider answered with a web page: check its base URL.');
  }
  if (contentType.startsWith('application/json')) return false;
  return contentType.startsWith('text/event-stream') || asked;
}
