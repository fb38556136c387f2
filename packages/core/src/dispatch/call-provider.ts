import {
  type ChatRequest,
  collectMessage,
  enforceStopSequences,
  errors,
  type HttpProvider,
  isLocalProvider,
  type JsonObject,
  type Lane,
  mapBatch,
  messageToEvents,
  type Provider,
  type ProviderCall,
  type Reply,
  type SignalboxError,
  type Target,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import { replaceModel } from '../body-scan.ts';
import type { ExchangeState } from '../exchange.ts';
import { canonicalStream, untilCommitted } from './canonical-stream.ts';
import { parseReply, streamPassThrough, wholePassThrough } from './pass-through.ts';
import type { ProviderResponse, Transport } from './transport.ts';

const MAX_ERROR_BYTES = 256 * 1024;
const USER_AGENT = 'signalbox';

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
  { name, provider, transport }: ProviderEntry,
  changed: ChatRequest | undefined,
  target: Target,
  exchange: ExchangeState,
  trace: CallTrace,
): Promise<Reply> {
  const call = new Call(target, exchange, changed);
  if (isLocalProvider(provider)) {
    trace.lane = 'local';
    refuseElsewhere(exchange, call);
    const reply = await provider.answer(call.request, Object.assign(call, { signal: exchange.signal }));
    return reply.kind === 'whole' ? reply : { kind: 'stream', events: await untilCommitted(reply.events, () => {}) };
  }
  if (transport === undefined) throw errors.noRoute(`The provider ${name} has no connections.`);
  const context = new Context(target.model, provider, exchange);
  const response = await sendCall(provider, transport, call, context, changed === undefined, exchange, trace);
  return answer(provider, response, call, context, exchange);
}

/** Asks a provider that counts tokens itself. @throws {SignalboxError} */
export async function callCountTokens(
  { provider, transport }: ProviderEntry,
  target: Target,
  exchange: ExchangeState,
  trace: CallTrace,
): Promise<number> {
  if (isLocalProvider(provider) || transport === undefined) throw errors.unsupported('This provider counts no tokens.');
  const call = new Call(target, exchange, undefined);
  const context = new Context(target.model, provider, exchange);
  const response = await sendCall(provider, transport, call, context, true, exchange, trace);
  if (response.status >= 300) throw await failure(provider, response, call);
  const { input_tokens: tokens } = parseReply(await response.whole(), response, provider.format);
  if (typeof tokens !== 'number') throw errors.malformedReply('The provider’s token count has no input_tokens.');
  return tokens;
}

async function sendCall(
  provider: HttpProvider,
  transport: Transport,
  call: Call,
  context: Context,
  unchanged: boolean,
  exchange: ExchangeState,
  trace: CallTrace,
): Promise<ProviderResponse> {
  const sameFormat = unchanged && provider.format.id === exchange.format;
  call.lane = sameFormat ? 'pass-through' : 'canonical';
  if (sameFormat && provider.acceptsVerbatim?.(call) === false) call.lane = 'canonical';
  trace.lane = call.lane;
  if (provider.format.id !== exchange.format) refuseElsewhere(exchange, call);
  const body =
    call.lane === 'pass-through' ? verbatimBody(provider, call, exchange) : encodedBody(provider, call, context);
  const endpoint = provider.endpoint(call);
  const headers = {
    'content-type': 'application/json',
    accept: exchange.stream ? 'text/event-stream, application/json' : 'application/json',
    'user-agent': USER_AGENT,
    ...endpoint.headers,
  };
  const response = await transport.send({ url: endpoint.url, headers, body }, (cancel) =>
    exchange.onAbort(() => cancel(errors.clientClosed())),
  );
  trace.providerStatus = response.status;
  return response;
}

async function answer(
  provider: HttpProvider,
  response: ProviderResponse,
  call: Call,
  context: Context,
  exchange: ExchangeState,
): Promise<Reply> {
  const { format } = provider;
  if (response.status >= 300) throw await failure(provider, response, call);
  const encoding = response.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    response.cancel();
    throw errors.malformedReply(`The provider compressed its answer (${encoding}) although it was not asked to.`);
  }
  const contentType = response.headers['content-type'] ?? '';
  if (contentType.startsWith('text/html')) {
    response.cancel();
    throw errors.malformedReply('The provider answered with a web page: check its base URL.');
  }
  // A server that does not stream answers a stream request with a whole body, and some stream always.
  const streamed = contentType.startsWith('application/json')
    ? false
    : contentType.startsWith('text/event-stream') || exchange.stream;
  const map = context.stopSequences.length === 0 ? undefined : enforceStopSequences(context.stopSequences);
  if (streamed) {
    return call.lane === 'pass-through' && exchange.stream
      ? streamPassThrough(response, format, context, exchange)
      : canonicalStream(response, format, context, map);
  }
  const whole = await response.whole();
  if (call.lane === 'pass-through' && !exchange.stream) {
    return wholePassThrough(whole, response, format, context, exchange);
  }
  const message = format.decodeReply(parseReply(whole, response, format), context);
  if (message.content.length === 0 && message.stopReason === 'end-turn') {
    throw errors.emptyReply('The provider answered without any content.');
  }
  return {
    kind: 'whole',
    message: map === undefined ? message : collectMessage(mapBatch(messageToEvents(message), map)),
  };
}

/** @throws {SignalboxError} what the client's format says about leaving it. */
function refuseElsewhere({ clientFormat }: ExchangeState, call: Call): void {
  const refusal = clientFormat.refusesElsewhere?.(call.request);
  if (refusal !== undefined) throw refusal;
}

/** The client's own bytes, with the target's model in place of the one that was asked for. */
function verbatimBody(provider: HttpProvider, call: Call, exchange: ExchangeState): Buffer | string {
  if (provider.adaptBody !== undefined && provider.adaptsVerbatim?.(call) !== false) {
    const adapted = provider.adaptBody(exchange.body, call);
    if (adapted !== exchange.body) return JSON.stringify({ ...adapted, model: call.model });
  }
  if (exchange.model === call.model) return exchange.rawBody;
  if (exchange.scan.ambiguous || exchange.scan.modelStart === -1) {
    return JSON.stringify({ ...exchange.body, model: call.model });
  }
  return replaceModel(exchange.rawBody, exchange.scan, call.model);
}

function encodedBody(provider: HttpProvider, call: Call, context: Context): string {
  const body: JsonObject = provider.format.encodeRequest(call.request, context);
  return JSON.stringify(provider.adaptBody === undefined ? body : provider.adaptBody(body, call));
}

/** What an answer with an error status means. */
export async function failure(
  provider: HttpProvider,
  response: ProviderResponse,
  call: ProviderCall,
): Promise<SignalboxError> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for (
      let chunks = await response.next();
      chunks !== undefined && size < MAX_ERROR_BYTES;
      chunks = await response.next()
    ) {
      for (const chunk of chunks) {
        parts.push(chunk);
        size += chunk.length;
      }
    }
  } catch {
    // The status alone has to do.
  }
  response.cancel();
  const { status, headers } = response;
  if (status < 400) {
    return errors.providerFailed(502, 'The provider answered with a redirect: check its base URL.');
  }
  const body = Buffer.concat(parts).toString('utf8', 0, MAX_ERROR_BYTES);
  const decoded = provider.format.decodeError(status, headers, body);
  const refined = provider.refineError?.(decoded, { status, headers, body }) ?? decoded;
  return provider.forwardsCallerKey === true && refined.code === 'PROVIDER_AUTH'
    ? errors.unauthenticated(`The provider refused your key for the model ${call.model}.`)
    : refined;
}

class Call implements ProviderCall {
  readonly operation: ProviderCall['operation'];
  readonly model: string;
  readonly stream: boolean;
  lane: Lane = 'canonical';
  readonly clientFormat: string;
  readonly headers: ProviderCall['headers'];
  readonly rawBody: Buffer;
  readonly holdsGatewayMarks: boolean;
  readonly principal: ProviderCall['principal'];
  readonly notes: ProviderCall['notes'];
  readonly #exchange: ExchangeState;
  readonly #changed: ChatRequest | undefined;

  constructor(target: Target, exchange: ExchangeState, changed: ChatRequest | undefined) {
    this.operation = exchange.operation === 'count-tokens' ? 'count-tokens' : 'chat';
    this.model = target.model;
    this.stream = exchange.stream;
    this.clientFormat = exchange.format;
    this.headers = exchange.headers;
    this.rawBody = exchange.rawBody;
    this.holdsGatewayMarks = exchange.scan.marked;
    this.principal = exchange.principal;
    this.notes = exchange.notes;
    this.#exchange = exchange;
    this.#changed = changed;
  }

  get request(): ChatRequest {
    return this.#changed ?? this.#exchange.request;
  }
}

class Context implements TargetContext {
  readonly model: string;
  readonly notes: TargetContext['notes'];
  readonly toolNames: ToolNames;
  readonly reasoningOrigin: string;
  stopSequences: readonly string[] = [];

  constructor(model: string, provider: HttpProvider, exchange: ExchangeState) {
    this.model = model;
    this.notes = exchange.notes;
    this.toolNames = new ToolNames(provider.toolNames);
    this.reasoningOrigin = provider.reasoningOrigin ?? provider.format.id;
  }

  enforceStopSequences(sequences: readonly string[]): void {
    this.stopSequences = sequences;
  }
}
