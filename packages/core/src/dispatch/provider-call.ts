import {
  type AddedNulls,
  type ChatRequest,
  errors,
  estimatePromptTokens,
  type HttpProvider,
  type Lane,
  type ProviderCall,
  type Target,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import type { ExchangeState } from '../exchange.ts';

/** One call as the provider's own functions see it. */
export class CallState implements ProviderCall {
  readonly operation: ProviderCall['operation'];
  readonly model: string;
  readonly key: string | undefined;
  readonly stream: boolean;
  readonly query: string | undefined;
  lane: Lane = 'canonical';
  /** What the provider was called with, credentials included. */
  sentHeaders: Readonly<Record<string, string>> = {};
  readonly clientFormat: string;
  readonly headers: ProviderCall['headers'];
  readonly rawBody: Buffer;
  readonly holdsGatewayMarks: boolean;
  readonly holdsEmptyStrings: boolean;
  readonly principal: ProviderCall['principal'];
  readonly notes: ProviderCall['notes'];
  readonly #exchange: ExchangeState;
  readonly #changed: ChatRequest | undefined;

  constructor(target: Target, exchange: ExchangeState, changed: ChatRequest | undefined) {
    this.operation = exchange.operation === 'count-tokens' ? 'count-tokens' : 'chat';
    this.model = target.model;
    this.key = target.key;
    this.stream = exchange.stream;
    this.query = exchange.query;
    this.clientFormat = exchange.format;
    this.headers = exchange.headers;
    this.rawBody = exchange.rawBody;
    this.holdsGatewayMarks = exchange.scan.marked;
    this.holdsEmptyStrings = exchange.scan.emptyString;
    this.principal = exchange.principal;
    this.notes = exchange.notes;
    this.#exchange = exchange;
    this.#changed = changed;
  }

  get request(): ChatRequest {
    return this.#changed ?? this.#exchange.request;
  }

  estimatePromptTokens(): number {
    if (this.#changed === undefined) return this.#exchange.estimatePromptTokens();
    return Math.ceil(estimatePromptTokens(this.#changed) * this.#exchange.tokenFactor());
  }
}

const MAX_STOPS = 256;
const MAX_STOP_CHARS = 4_096;

/** The same call as the codec of the provider's format sees it. */
export class TargetState implements TargetContext {
  readonly model: string;
  readonly notes: TargetContext['notes'];
  readonly toolNames: ToolNames;
  readonly reasoningOrigin: string;
  stopSequences: readonly string[] = [];
  /** What is to be left out of the answer. */
  nulls: AddedNulls | undefined;

  constructor(model: string, provider: HttpProvider, exchange: ExchangeState) {
    this.model = model;
    this.notes = exchange.notes;
    this.toolNames = new ToolNames(provider.toolNames);
    this.reasoningOrigin = provider.reasoningOrigin ?? provider.format.id;
  }

  /** @throws {SignalboxError} UNSUPPORTED for so many that looking for them in an answer would hold everybody up. */
  enforceStopSequences(sequences: readonly string[]): void {
    if (sequences.length > MAX_STOPS || sequences.some(({ length }) => length > MAX_STOP_CHARS)) {
      throw errors.unsupported(
        `This provider leaves stop sequences to the gateway, which looks for up to ${MAX_STOPS} of up to ${MAX_STOP_CHARS} characters.`,
      );
    }
    this.stopSequences = sequences;
  }

  leaveOutNulls(nulls: AddedNulls): void {
    this.nulls = nulls;
  }
}
