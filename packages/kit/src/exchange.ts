import type { ChatRequest, ErrorInfo, FidelityNote, JsonObject, Usage } from '@signalbox/spec';
import type { HeaderMap } from './format.ts';
import type { Notes } from './notes.ts';

/** Who is asking. */
export interface Principal {
  readonly id: string;
  /** The caller's own key, where the config passes it on to providers. Never logged. */
  readonly credential?: string;
}

/** `provider/model`, split at the first slash. */
export interface Target {
  readonly provider: string;
  readonly model: string;
  /** Which of the provider's keys, where it has several; `undefined`: its first. */
  readonly key?: string;
}

/** How often, and how soon, a target that failed before its first content is tried again before the next one. */
export interface RetryPolicy {
  /** Tries of one target after its first; 0: none. */
  readonly maxRetries: number;
  /** The wait is drawn evenly from 0 to this, which doubles with every retry. */
  readonly baseDelayMs: number;
  /** What the doubling ends at. */
  readonly maxDelayMs: number;
  /** The longest `retry-after` that is waited for; a longer one means the next target. */
  readonly maxRetryAfterMs: number;
}

/**
 * Asked before every try at a target. It may wait; what it throws fails the try before the provider is called, with a
 * retryable error in favour of the next target. What it returns is called once, when the try has ended.
 */
export type Admission = (
  target: Target,
  exchange: Exchange,
) => MaybePromise<((attempt: AttemptRecord) => void) | undefined>;

type MaybePromise<T> = T | Promise<T>;

/** What one strategy said about a request. */
export interface RouteStep {
  readonly strategy: string;
  /** In words; `undefined`: no opinion. */
  readonly said: string | undefined;
  /** The targets of the plan from then on, where it changed. */
  readonly targets?: readonly Target[];
}

/** Where a request may go, in order, and why. */
export interface RoutePlan {
  readonly targets: readonly Target[];
  /** In words, for the log and the response header. */
  readonly reason: string;
  /** Which kind of request it is, in a word of whoever chose: `background`, `subagent`. Other strategies may go by it. */
  readonly scenario?: string;
  /** What the client chose itself, by `provider/model` or by an alias. Who compares targets leaves it where it is. */
  readonly named?: Target;
  /** The target that was meant to answer, where another one stands before it for its health's sake. Default: the first. */
  readonly chosen?: Target;
  /** The order of the targets was drawn among equals: another request of the same kind may get another one. */
  readonly drawn?: boolean;
  /** What is not given is the gateway's own: one retry, after half a second at most, or a `retry-after` of up to 2 s. */
  readonly retry?: Partial<RetryPolicy>;
  /** Codes of the errors that move on to the next target. Default: all errors that are retryable. */
  readonly moveOn?: readonly string[];
  /** All are asked, in order, before every try. */
  readonly admit?: readonly Admission[];
  /** A second try at the next target where the first is silent for this long; the first to answer wins. Whole answers only. */
  readonly hedge?: { readonly afterMs: number };
  /**
   * What follows a stream that breaks off after its first content: `fail` (the default) is an error event, `continue`
   * asks a target that accepts a prefill to go on from there, as long as no tool was called.
   */
  readonly onCut?: 'fail' | 'continue';
}

/** A key for per-request state that belongs to one plugin: `const seen = stateKey(() => new Set<string>())`. */
export interface StateKey<T> {
  readonly create: () => T;
}

export function stateKey<T>(create: () => T): StateKey<T> {
  return Object.freeze({ create });
}

/** What was seen of a body in passing, when it was received. It spares searches. */
export interface BodyMarks {
  /**
   * Whether some string of the body may be this one, or begin with it: `"image"`, `"web_search`. `false` is certain; `true`
   * is not, and is said of whatever does not begin with a quote. In ASCII.
   */
  mayHold(quoted: string): boolean;
  /** Where the value of a key of the top level begins, in bytes. `undefined`: there is none, or more than one. */
  startOf(key: string): number | undefined;
}

/** One request with its answer, as plugins see it. */
export interface Exchange {
  readonly id: string;
  /** `chat`, or a question that costs no completion: the size of a prompt, the list of models (which has no body). */
  readonly operation: 'chat' | 'count-tokens' | 'models';
  /** Only asked what would become of it (`/explain`): no try follows, so nothing of it counts. */
  readonly explained?: boolean;
  /** The client's format. */
  readonly format: string;
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderMap;
  /** The client's address. */
  readonly remoteAddress: string | undefined;
  /** The body exactly as received, unless it was completed. */
  readonly rawBody: Buffer;
  /** The same, parsed when first read. @throws {SignalboxError} INVALID_REQUEST */
  readonly body: JsonObject;
  /** `undefined`: nobody looked, or only a parser can tell. For `bodyHolds`, which most plugins want. */
  readonly bodyMarks?: BodyMarks | undefined;
  /** The model as asked for, read without decoding the rest. */
  readonly model: string;
  readonly stream: boolean;
  /** The canonical request; decoded when first read. */
  readonly request: ChatRequest;
  readonly principal: Principal | undefined;
  readonly plan: RoutePlan | undefined;
  /** The target of the attempt that runs, or that answered. */
  readonly target: Target | undefined;
  /** Known once an attempt has answered. */
  readonly lane: Lane | undefined;
  /** The answer that comes is the rest of one that broke off, whose beginning the client has. */
  readonly continues?: boolean;
  /** What each strategy said, in the order in which they were asked. */
  readonly routing: RouteStep[];
  /** The tries that have ended. */
  readonly attempts: readonly AttemptRecord[];
  /** As reported so far. */
  readonly usage: Usage | undefined;
  readonly notes: Notes;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /**
   * In tokens: an estimate of the request, corrected by what this target has reported for earlier ones. Without a target:
   * the one of the running attempt; before there is one, the model as asked for, as its answers were reported. What is
   * reported meanwhile may change it by little, so compare it with a threshold once.
   */
  estimatePromptTokens(target?: Target): number;
  state<T>(key: StateKey<T>): T;
  /**
   * Calls `then` once the answer of this try is the one that the client gets: at once where it is already, never where the
   * try fails, or another one is quicker. For what a plugin remembers of an answer; where that fails, the client gets it
   * all the same.
   */
  whenStands(then: () => void): void;
  /**
   * Puts a body in the place of the received one: the same request with what it only refers to. For taps on `route` at
   * `Stage.First`: whoever has looked at the body would have seen another one. Such a request passes through to nobody.
   * @param pieces JSON, in UTF-16; put together only if it is not too large.
   * @throws {SignalboxError} as for a body that is received.
   */
  completeBody(pieces: readonly string[]): void;
}

export type Lane = 'pass-through' | 'canonical' | 'local';

/** One try at one target. Times in ms since the exchange began. */
export interface AttemptRecord {
  readonly target: Target;
  readonly lane: Lane;
  readonly startedMs: number;
  /** When its first content came; from then on nothing else was tried. */
  readonly committedMs?: number;
  readonly endedMs: number;
  /**
   * `failed`: before the first content; `cut`: after it; `aborted`: nobody waited any more, because the client left, another
   * try was quicker, or the gateway stopped; `skipped`: an admission refused, and the provider was not called.
   */
  readonly outcome: 'answered' | 'failed' | 'cut' | 'aborted' | 'skipped';
  readonly providerStatus?: number;
  readonly error?: ErrorInfo;
  /** As far as the provider reported it for this try. */
  readonly usage?: Usage;
  /** Why there was such a try, beside the plan: a hedge, a continuation. */
  readonly as?: 'hedge' | 'continuation';
}

/** What `log` gets: everything about an exchange but its contents and its secrets. */
export interface ExchangeRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly operation: Exchange['operation'];
  readonly format: string;
  readonly path: string;
  readonly principal?: string;
  readonly model: string;
  readonly stream: boolean;
  /** HTTP status sent; 499 where the client left first. */
  readonly status: number;
  readonly route?: string;
  readonly target?: string;
  readonly lane?: Lane;
  readonly attempts: readonly AttemptRecord[];
  readonly usage?: Usage;
  /** Of all tries; what providers reported, else from the prices that are known. In USD. */
  readonly costUsd?: number;
  readonly notes: readonly FidelityNote[];
  /** The client asked for the list of the notes. */
  readonly receipt?: true;
  readonly error?: ErrorInfo;
  readonly aborted: boolean;
  /** Ms since the exchange began. */
  readonly timings: { readonly routedMs?: number; readonly firstByteMs?: number; readonly totalMs: number };
  readonly bytesIn: number;
  readonly bytesOut: number;
}
