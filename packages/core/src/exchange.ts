import {
  type AttemptRecord,
  type BodyMarks,
  type ChatRequest,
  type ClientContext,
  type ErrorInfo,
  type Exchange,
  type ExchangeRecord,
  errors,
  estimatePromptTokens,
  type FidelityNote,
  type Format,
  formatTarget,
  type HeaderMap,
  type JsonObject,
  type Lane,
  mergeUsage,
  Notes,
  newId,
  type Principal,
  type RoutePlan,
  type RouteStep,
  type SignalboxError,
  type StateKey,
  type Target,
  type Usage,
} from '@signalbox/kit';
import { type BodyScan, scanBody } from './body-scan.ts';
import type { TokenCorrection } from './token-correction.ts';
import type { OpenAttempt } from './try-target.ts';

/** Names are matched against patterns, logged and sent back: a longer one is no name. */
const MAX_MODEL_CHARS = 1_024;

export interface ExchangeInit {
  readonly format: Format;
  readonly operation: Exchange['operation'];
  /** Where the request names the model outside its body, or has no body. */
  readonly model?: string;
  /** Where the request says outside its body whether the answer streams. */
  readonly stream?: boolean | undefined;
  /** The ingress path as the format has it. */
  readonly ingressPath?: string;
  /** Without its `?`. */
  readonly query?: string;
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderMap;
  readonly rawBody: Buffer;
  readonly remoteAddress: string | undefined;
  readonly maxJsonDepth?: number;
  /** Who was admitted on the headers alone; asked for again where it is not known yet. */
  readonly principal?: Principal | undefined;
  readonly explained?: boolean;
}

/** The core's side of an exchange: what plugins see as `Exchange`, and what the pipeline writes down. */
export class ExchangeState implements Exchange, ClientContext {
  readonly id: string;
  readonly clientFormat: Format;
  readonly operation: Exchange['operation'];
  readonly explained: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderMap;
  readonly rawBody: Buffer;
  readonly remoteAddress: string | undefined;
  readonly model: string;
  readonly stream: boolean;
  readonly scan: BodyScan;
  readonly startedAt: number;
  notes = new Notes();

  principal: Principal | undefined;
  plan: RoutePlan | undefined = undefined;
  target: Target | undefined = undefined;
  lane: Lane | undefined = undefined;
  usage: Usage | undefined = undefined;
  error: ErrorInfo | undefined = undefined;
  status = 0;
  /** The whole reply is on its way: a client that leaves now has missed nothing. */
  complete = false;
  /** Why the gateway ended it before its time. */
  stopped: SignalboxError | undefined = undefined;
  bytesOut = 0;
  routedMs: number | undefined = undefined;
  firstByteMs: number | undefined = undefined;
  readonly attempts: AttemptRecord[];
  openAttempt: OpenAttempt | undefined = undefined;
  /** Known from routing on. */
  tokenCorrection: TokenCorrection | undefined = undefined;
  /** The request with the answer so far, while a stream that broke off is continued. */
  continued: ChatRequest | undefined = undefined;
  /** Usage of all parts of an answer that was continued. */
  wholeUsage: Usage | undefined = undefined;

  readonly routing: RouteStep[];

  readonly #init: ExchangeInit;
  #body: JsonObject | undefined = undefined;
  #request: ChatRequest | undefined = undefined;
  #decodeNotes = new Notes();
  #promptTokens: number | undefined = undefined;
  #states: Map<StateKey<unknown>, unknown> | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #aborted = false;
  #release: (() => void) | undefined = undefined;

  /** @throws {SignalboxError} INVALID_REQUEST for a body that is no JSON object, too deep, without a model, or with an endless one. */
  constructor(init: ExchangeInit, of?: ExchangeState) {
    this.#init = init;
    this.id = of?.id ?? newId('sbx_');
    this.startedAt = of?.startedAt ?? performance.now();
    this.attempts = of?.attempts ?? [];
    this.routing = of?.routing ?? [];
    this.clientFormat = init.format;
    this.operation = init.operation;
    this.explained = init.explained === true;
    this.method = init.method;
    this.path = init.path;
    this.headers = init.headers;
    this.rawBody = init.rawBody;
    this.remoteAddress = init.remoteAddress;
    this.principal = init.principal;
    const scan = scanBody(init.rawBody);
    this.scan = scan;
    const maxDepth = init.maxJsonDepth ?? 256;
    if (scan.depth > maxDepth) {
      throw errors.invalidRequest(`The request body is nested deeper than ${maxDepth} levels.`);
    }
    const streams = init.stream ?? scan.stream ?? init.format.streamsByDefault === true;
    const meant = (name: string): string => init.format.modelMeant?.(name) ?? name;
    if (init.model !== undefined) {
      this.model = meant(init.model);
      this.stream = streams;
    } else if (scan.ambiguous || scan.model === undefined) {
      // The decoder knows what is missing and says it in the client's terms.
      this.model = meant(this.request.model);
      this.stream = this.request.stream;
    } else {
      this.model = meant(scan.model);
      this.stream = streams;
    }
    if (this.model.length > MAX_MODEL_CHARS) {
      throw errors.invalidRequest(`model: a name has at most ${MAX_MODEL_CHARS} characters.`);
    }
  }

  get bodyMarks(): BodyMarks | undefined {
    return this.scan.marks;
  }

  get format(): string {
    return this.clientFormat.id;
  }

  get query(): string | undefined {
    return this.#init.query;
  }

  /** The parsed body; parsed when first read. */
  get body(): JsonObject {
    this.#body ??= parseBody(this.rawBody);
    return this.#body;
  }

  get request(): ChatRequest {
    if (this.#request !== undefined) return this.#request;
    const { ingressPath, query, model, stream } = this.#init;
    this.#request = this.clientFormat.decodeRequest(this.body, {
      headers: this.headers,
      notes: this.#decodeNotes,
      operation: this.operation === 'count-tokens' ? 'count-tokens' : 'chat',
      ...(ingressPath === undefined ? {} : { path: ingressPath }),
      ...(query === undefined ? {} : { query }),
      ...(model === undefined ? {} : { model }),
      ...(stream === undefined ? {} : { stream }),
    });
    return this.#request;
  }

  /** Whether the client would rather be refused than lose a part of its request. */
  get strict(): boolean {
    const { 'x-signalbox-strict': wish } = this.headers;
    return wish !== undefined && wish !== '0' && wish !== 'false';
  }

  /** All notes so far: those of decoding and those of the attempt that stands. */
  get allNotes(): readonly FidelityNote[] {
    const decoded = this.#decodeNotes.list;
    return decoded.length === 0 ? this.notes.list : [...decoded, ...this.notes.list];
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.over) this.#controller.abort(this.stopped ?? errors.clientClosed());
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  estimatePromptTokens(target?: Target): number {
    this.#promptTokens ??= estimatePromptTokens(this.request);
    return Math.ceil(this.#promptTokens * this.tokenFactor(target));
  }

  /** What an estimate for this target is to be multiplied with. */
  tokenFactor(target: Target | undefined = this.target): number {
    return this.tokenCorrection?.factor(target ?? this.model) ?? 1;
  }

  /** The estimate before correction; `undefined` where nobody has asked for one. */
  get rawPromptTokens(): number | undefined {
    return this.#promptTokens;
  }

  state<T>(key: StateKey<T>): T {
    this.#states ??= new Map();
    if (!this.#states.has(key)) this.#states.set(key, key.create());
    return this.#states.get(key) as T;
  }

  elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  addUsage(usage: Usage): void {
    this.usage = mergeUsage(this.usage, usage);
  }

  /** The client left: whoever works for it stops now. */
  abort(): void {
    if (this.#aborted) return;
    if (this.complete) {
      this.release();
      return;
    }
    this.#aborted = true;
    this.#controller?.abort(errors.clientClosed());
    this.release();
  }

  /** The gateway cannot wait any longer: whoever works for the exchange stops now, and the client is told why. */
  stop(reason: SignalboxError): void {
    if (this.#aborted || this.complete || this.stopped !== undefined) return;
    this.stopped = reason;
    this.#controller?.abort(reason);
    this.release();
  }

  /** Nobody waits for an answer any more. */
  get over(): boolean {
    return this.#aborted || this.stopped !== undefined;
  }

  /** `cancel` ends the running attempt's call; it is called when the client leaves and when the exchange is over. */
  onRelease(cancel: () => void): void {
    this.#release = cancel;
    if (this.over) this.release();
  }

  /** Ends whatever provider call is still open. */
  release(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  /** The same exchange for a try of its own beside others: with its own notes, usage and call, and all else in common. */
  fork(): ExchangeState {
    const fork = new ExchangeState(this.#init, this);
    fork.principal = this.principal;
    fork.plan = this.plan;
    fork.tokenCorrection = this.tokenCorrection;
    this.#states ??= new Map();
    fork.#states = this.#states;
    fork.notes.list.push(...this.notes.list);
    this.endFork(fork);
    return fork;
  }

  /** Ends a fork where this exchange is over, and in the same way. */
  endFork(fork: ExchangeState): void {
    if (this.#aborted) fork.abort();
    else if (this.stopped !== undefined) fork.stop(this.stopped);
  }

  /** Takes over what became of a fork: its answer is this exchange's. */
  adopt(fork: ExchangeState): void {
    this.target = fork.target;
    this.lane = fork.lane;
    this.usage = fork.usage;
    this.openAttempt = fork.openAttempt;
    this.notes = fork.notes;
    if (this.#request === undefined) {
      this.#body = fork.#body;
      this.#request = fork.#request;
      this.#decodeNotes = fork.#decodeNotes;
    }
    this.onRelease(() => fork.release());
  }

  /** `costUsd`: what all tries together have cost; `undefined` where that is not known. */
  record(costUsd?: number): ExchangeRecord {
    const { principal, plan, target, lane, error } = this;
    const usage = this.wholeUsage ?? this.usage;
    return {
      id: this.id,
      time: new Date(performance.timeOrigin + this.startedAt).toISOString(),
      operation: this.operation,
      format: this.format,
      path: this.path,
      ...(principal === undefined ? {} : { principal: principal.id }),
      model: this.model,
      stream: this.stream,
      status: this.status,
      ...(plan === undefined ? {} : { route: plan.reason }),
      ...(target === undefined ? {} : { target: formatTarget(target) }),
      ...(lane === undefined ? {} : { lane }),
      attempts: this.attempts,
      ...(usage === undefined ? {} : { usage }),
      ...(costUsd === undefined ? {} : { costUsd }),
      notes: this.allNotes,
      ...(error === undefined ? {} : { error }),
      aborted: this.#aborted,
      timings: {
        ...(this.routedMs === undefined ? {} : { routedMs: this.routedMs }),
        ...(this.firstByteMs === undefined ? {} : { firstByteMs: this.firstByteMs }),
        totalMs: this.elapsedMs(),
      },
      bytesIn: this.rawBody.length,
      bytesOut: this.bytesOut,
    };
  }
}

/** @throws {SignalboxError} INVALID_REQUEST */
export function parseBody(rawBody: Buffer): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch (error) {
    const reason = rawBody.length === 0 ? 'it is empty' : error instanceof Error ? error.message : String(error);
    throw errors.invalidRequest(`The request body is not valid JSON: ${withoutContents(reason)}.`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw errors.invalidRequest('The request body must be a JSON object.');
  }
  return body as JsonObject;
}

/** V8 quotes the text around the fault; the place is enough. */
function withoutContents(message: string): string {
  return message
    .replace(/,? ?(\.\.\.)?".*" is not valid JSON/s, '')
    .replace(/\s+/g, ' ')
    .trim();
}
