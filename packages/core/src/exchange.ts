import {
  type AttemptRecord,
  type BodyMarks,
  type ChatRequest,
  type ClientContext,
  type ErrorInfo,
  type Exchange,
  errors,
  estimatePromptTokens,
  type FidelityNote,
  type Format,
  type HeaderMap,
  type JsonObject,
  type Lane,
  type Logger,
  MADE_UP,
  mergeUsage,
  Notes,
  newId,
  type Principal,
  type RoutePlan,
  type RouteStep,
  type StateKey,
  type Target,
  type Usage,
} from '@signalbox/kit';
import { type BodyScan, scanBody } from './body-scan.ts';
import { ExchangeLifetime } from './exchange-lifetime.ts';
import { tell } from './hooks.ts';
import { joinBody, parseBody } from './request-body.ts';
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
  /** Of a body that is completed; the received one is let in already. */
  readonly maxBodyBytes?: number;
  /** Who was admitted on the headers alone; asked for again where it is not known yet. */
  readonly principal?: Principal | undefined;
  readonly explained?: boolean;
  /** The body is not the one that was received. */
  readonly completed?: boolean;
}

/** The core's side of an exchange: what plugins see as `Exchange`, and what the pipeline writes down. */
export class ExchangeState extends ExchangeLifetime implements Exchange, ClientContext {
  readonly id: string;
  readonly clientFormat: Format;
  readonly operation: Exchange['operation'];
  readonly explained: boolean;
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderMap;
  rawBody: Buffer;
  /** The length of the body as the client sent it. */
  readonly receivedBytes: number;
  readonly remoteAddress: string | undefined;
  readonly model: string;
  readonly stream: boolean;
  scan: BodyScan;
  readonly startedAt: number;
  notes = new Notes();

  principal: Principal | undefined;
  plan: RoutePlan | undefined = undefined;
  target: Target | undefined = undefined;
  lane: Lane | undefined = undefined;
  usage: Usage | undefined = undefined;
  error: ErrorInfo | undefined = undefined;
  status = 0;
  /** A refusal that comes before any content is for the next target, and there is one. */
  refusalMovesOn = false;
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

  #init: ExchangeInit;
  #body: JsonObject | undefined = undefined;
  #request: ChatRequest | undefined = undefined;
  #decodeNotes = new Notes();
  #promptTokens: number | undefined = undefined;
  #states: Map<StateKey<unknown>, unknown> | undefined = undefined;
  /** What waits for the answer of the running try to stand; `undefined`: it does. */
  #waiting: (() => void)[] | undefined = [];

  /** @throws {SignalboxError} INVALID_REQUEST for a body that is no JSON object, too deep, without a model, or with an endless one. */
  constructor(init: ExchangeInit, of?: ExchangeState) {
    super();
    this.#init = init;
    this.id = of?.id ?? newId(`${MADE_UP}_`);
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
    this.receivedBytes = init.rawBody.length;
    this.remoteAddress = init.remoteAddress;
    this.principal = init.principal;
    const scan = of?.scan ?? scanned(init);
    this.scan = scan;
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
      state: (key) => this.state(key),
    });
    return this.#request;
  }

  completeBody(pieces: readonly string[]): void {
    this.#init = { ...this.#init, rawBody: joinBody(pieces, this.#init.maxBodyBytes), completed: true };
    this.rawBody = this.#init.rawBody;
    this.scan = scanned(this.#init);
    this.#body = undefined;
    this.#request = undefined;
    this.#decodeNotes = new Notes();
    this.#promptTokens = undefined;
  }

  /** Whether the body is another one than the client sent. */
  get completed(): boolean {
    return this.#init.completed === true;
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

  /** Whether the client asked for the list of the notes, and not just for their number. */
  get wantsReceipt(): boolean {
    return this.headers['x-signalbox-receipt'] === 'full';
  }

  receipt(): readonly FidelityNote[] | undefined {
    return this.wantsReceipt ? this.allNotes : undefined;
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

  get continues(): boolean {
    return this.continued !== undefined;
  }

  whenStands(then: () => void): void {
    if (this.#waiting === undefined) then();
    else this.#waiting.push(then);
  }

  /** A try begins: what an earlier one said is not to be remembered. */
  beginTry(): void {
    this.#waiting = [];
  }

  /** The answer of the try is the one that the client gets, whoever fails to remember it. */
  stand(log: Logger): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const then of waiting ?? []) {
      tell(then, [], (err) => log.error({ exchange: this.id, err }, 'a plugin failed in whenStands'));
    }
  }

  elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  addUsage(usage: Usage): void {
    this.usage = mergeUsage(this.usage, usage);
  }

  /** The same exchange for a try of its own beside others: with its own notes, usage and call, and all else in common. */
  fork(): ExchangeState {
    const fork = new ExchangeState(this.#init, this);
    // What was read of the body already is not read again.
    fork.#body = this.#body;
    fork.#promptTokens = this.#promptTokens;
    if (this.#request !== undefined) {
      fork.#request = this.#request;
      fork.#decodeNotes = this.#decodeNotes;
    }
    fork.principal = this.principal;
    fork.plan = this.plan;
    fork.tokenCorrection = this.tokenCorrection;
    this.#states ??= new Map();
    fork.#states = this.#states;
    fork.notes.addAll(this.notes.list);
    this.endFork(fork);
    return fork;
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
    this.#waiting = fork.#waiting;
    fork.#waiting = undefined;
    this.onRelease(() => fork.release());
  }
}

/** @throws {SignalboxError} INVALID_REQUEST */
function scanned({ rawBody, maxJsonDepth = 256 }: ExchangeInit): BodyScan {
  const scan = scanBody(rawBody);
  if (scan.depth <= maxJsonDepth) return scan;
  throw errors.invalidRequest(`The request body is nested deeper than ${maxJsonDepth} levels.`);
}
