import {
  type ChatRequest,
  countNotes,
  errors,
  type HttpProvider,
  isLocalProvider,
  type JsonObject,
  type Lane,
  type Provider,
  providerForCall,
  type Reply,
  type Target,
} from '@signalbox/kit';
import { replaceModel } from '../body-scan.ts';
import type { ExchangeState } from '../exchange.ts';
import { untilCommitted } from './canonical-stream.ts';
import { laneUnchanged } from './lane.ts';
import { printBody } from './print-body.ts';
import { CallState, TargetState } from './provider-call.ts';
import { readAnswer } from './read-answer.ts';
import { refuseRefusal } from './refusal.ts';
import type { ProviderRequest, ProviderResponse, Transport } from './transport.ts';

const USER_AGENT = 'signalbox';
/** Losses that a refusal names one by one. */
const MAX_LISTED = 20;

/** A provider of one generation, with its connections. */
export interface ProviderEntry {
  readonly name: string;
  readonly provider: Provider;
  readonly transport: Transport | undefined;
}

/** Filled in while a call runs, for its record. */
export interface CallTrace {
  lane: Lane;
  providerStatus: number | undefined;
}

/**
 * Calls the provider of one target. `changed` is the request that taps made of the client's, or `undefined` where they
 * left it alone: then a provider of the client's own format gets the client's own bytes.
 * @throws {SignalboxError} everything that happens before the first content.
 */
export async function callProvider(
  { provider, transport }: ProviderEntry,
  changed: ChatRequest | undefined,
  target: Target,
  exchange: ExchangeState,
  trace: CallTrace,
): Promise<Reply> {
  const call = new CallState(target, exchange, changed);
  const own = answerElsewhere(provider, call, exchange);
  if (own !== undefined || isLocalProvider(provider) || transport === undefined) {
    trace.lane = 'local';
    return own ?? answerLocally(provider, call, exchange);
  }
  const speaking = providerForCall(provider, call);
  const context = new TargetState(target.model, speaking, exchange);
  const response = await send(speaking, transport, call, context, changed === undefined, exchange, trace);
  try {
    return await readAnswer(speaking, response, call, context, exchange);
  } finally {
    trace.lane = call.lane;
  }
}

async function answerLocally(provider: Provider, call: CallState, exchange: ExchangeState): Promise<Reply> {
  if (!isLocalProvider(provider)) throw errors.providerUnreachable('This provider has no connections.');
  refuseElsewhere(exchange, call);
  const reply = await provider.answer(call.request, Object.assign(call, { signal: exchange.signal }));
  if (reply.kind === 'whole') {
    if (reply.message.usage !== undefined) exchange.addUsage(reply.message.usage);
    refuseRefusal(reply.message, exchange);
    return reply;
  }
  return { kind: 'stream', events: await untilCommitted(reply.events, () => {}, exchange) };
}

async function send(
  provider: HttpProvider,
  transport: Transport,
  call: CallState,
  context: TargetState,
  unchanged: boolean,
  exchange: ExchangeState,
  trace: CallTrace,
): Promise<ProviderResponse> {
  const request = prepareCall(provider, call, context, unchanged, exchange);
  trace.lane = call.lane;
  const response = await transport.send(
    provider.sign === undefined ? request : await signed(provider, request, call),
    (cancel) => exchange.onRelease(cancel),
  );
  trace.providerStatus = response.status;
  return response;
}

/**
 * What would go over the wire, with everything noted that the provider's format cannot say. Sets the call's lane.
 * @throws {SignalboxError} what cannot be said at all, and in strict mode all that cannot be said exactly.
 */
export function prepareCall(
  called: HttpProvider,
  call: CallState,
  context: TargetState,
  unchanged: boolean,
  exchange: ExchangeState,
): ProviderRequest {
  const provider = providerForCall(called, call);
  if (unchanged) call.lane = laneUnchanged(provider, call, exchange);
  if (provider.format.id !== exchange.format) refuseElsewhere(exchange, call);
  const body =
    call.lane === 'pass-through' ? verbatimBody(provider, call, exchange) : encodedBody(provider, call, context);
  if (provider.strict === true || exchange.strict) refuseLoss(exchange);
  const { url, headers } = provider.endpoint(call);
  call.sentHeaders = headers;
  return {
    url,
    headers: {
      'content-type': 'application/json',
      accept: exchange.stream ? 'text/event-stream, application/json' : 'application/json',
      'user-agent': USER_AGENT,
      ...headers,
    },
    body,
    timeouts: provider.timeoutsFor?.(call.model),
  };
}

/** The request with the headers that a provider's signature asks for. */
export async function signed(
  provider: HttpProvider,
  request: ProviderRequest,
  call: CallState,
): Promise<ProviderRequest> {
  if (provider.sign === undefined) return request;
  const headers = await provider.sign({ url: request.url, headers: request.headers, body: request.body ?? '' });
  call.sentHeaders = headers;
  return { ...request, headers };
}

/** @throws {SignalboxError} UNSUPPORTED that lists what the request would lose; another target may take it whole. */
function refuseLoss({ allNotes }: ExchangeState): void {
  const lost = allNotes.filter(({ action }) => action !== 'mapped');
  if (lost.length === 0) return;
  const list = lost
    .slice(0, MAX_LISTED)
    .map(({ path, action, reason }) => `${path || 'the request'} (${action}: ${reason})`);
  const more = countNotes(lost.slice(MAX_LISTED));
  throw errors.unsupported(
    `Strict: this target cannot take the request as it is: ${list.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`,
    {
      retryable: true,
    },
  );
}

/** What the client's format answers itself, where the request is for a server of that format alone. */
function answerElsewhere(provider: Provider, call: CallState, { clientFormat }: ExchangeState): Reply | undefined {
  if (clientFormat.answersElsewhere === undefined) return undefined;
  if (!isLocalProvider(provider) && provider.format.id === clientFormat.id) return undefined;
  const message = clientFormat.answersElsewhere(call.request);
  return message === undefined ? undefined : { kind: 'whole', message };
}

/** @throws {SignalboxError} what the client's format says about leaving it. */
function refuseElsewhere({ clientFormat }: ExchangeState, call: CallState): void {
  const refusal = clientFormat.refusesElsewhere?.(call.request);
  if (refusal !== undefined) throw refusal;
}

/**
 * The client's own bytes, with the target's model in place of the one that was asked for. A body that two parsers could
 * read differently is printed anew, so that the provider sees what the router saw.
 */
function verbatimBody(provider: HttpProvider, call: CallState, exchange: ExchangeState): Buffer {
  const modelInBody = provider.format.modelInBody !== false;
  if (provider.adaptBody !== undefined && provider.adaptsVerbatim?.(call) !== false) {
    const adapted = provider.adaptBody(exchange.body, call);
    if (adapted !== exchange.body) return printBody(modelInBody ? { ...adapted, model: call.model } : adapted);
  }
  const { scan } = exchange;
  if (!modelInBody) return scan.ambiguous ? printBody(exchange.body) : exchange.rawBody;
  if (scan.ambiguous || scan.modelStart === -1) return printBody({ ...exchange.body, model: call.model });
  return scan.model === call.model ? exchange.rawBody : replaceModel(exchange.rawBody, scan, call.model);
}

function encodedBody(provider: HttpProvider, call: CallState, context: TargetState): Buffer {
  const body: JsonObject = provider.format.encodeRequest(call.request, context);
  return printBody(provider.adaptBody === undefined ? body : provider.adaptBody(body, call));
}
