import type { ChatReply, ChatRequest, FidelityNote, JsonObject, ModelInfo, StreamEvent, Usage } from '@signalbox/spec';
import type { SignalboxError } from './errors.ts';
import type { Principal, StateKey } from './exchange.ts';
import type { Notes } from './notes.ts';
import { type Plugin, registerPlugin } from './plugin.ts';
import type { AddedNulls } from './strict-schemas/index.ts';
import type { ToolNames } from './tool-names.ts';

/** Header names in lower case; a header that came twice is joined with `, `. */
export type HeaderMap = Readonly<Record<string, string | undefined>>;

/** What a format serves at one path. All but `chat` and `count-tokens` answer from the configuration, without a provider. */
export interface IngressRoute {
  readonly method: 'GET' | 'POST' | 'HEAD' | 'DELETE';
  /**
   * In `@koa/router` syntax: `/v1/models/:model`. For `chat` and `count-tokens` a parameter called `model` is the model
   * that is asked for, in place of the body's.
   */
  readonly path: string;
  readonly operation: 'chat' | 'count-tokens' | 'models' | 'model' | 'info';
  /** Whether the answer streams, where the path says it and not the body. */
  readonly stream?: boolean;
  /** For `info`: what is asked, for a plugin that can answer it (`PluginHost.answerInfo`). */
  readonly question?: string;
  /** For `info`, where no plugin answers. @throws {SignalboxError} what the client is told instead. */
  respond?(request: InfoRequest): JsonObject;
}

/** A question about the gateway itself, in a format's own way. */
export interface InfoRequest {
  readonly params: Readonly<Record<string, string | undefined>>;
  /** What follows the `?`; of what stands there twice, the last. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** `{}` where there is none. */
  readonly body: JsonObject;
  readonly principal: Principal | undefined;
  readonly models: readonly ModelInfo[];
  /** The gateway's. */
  readonly version: string;
}

/** The client's side of one exchange, as a codec sees it. */
export interface ClientContext {
  /** The model as asked for; replies echo it. */
  readonly model: string;
  /** The exchange's own id: what an answer is called in the client's format may be made of it. */
  readonly id?: string;
  readonly headers: HeaderMap;
  readonly notes: Notes;
  /** The decoded request. Reading it makes the exchange decode, so ask only when it is needed. */
  readonly request: ChatRequest;
  estimatePromptTokens(): number;
  /** Ms since the request came, where that is measured. */
  elapsedMs?(): number;
  /** What plugins told the format about this exchange, by a key of the format's. */
  state?<T>(key: StateKey<T>): T;
  /**
   * All notes so far, where the client asked for their list. For streams that cannot end in a comment: their last frame has
   * it as `x_signalbox_receipt`, where clients pass over what they do not know.
   */
  receipt?(): readonly FidelityNote[] | undefined;
}

/** The provider's side of one attempt, as a codec sees it. */
export interface TargetContext {
  /** The model to put on the wire. */
  readonly model: string;
  readonly notes: Notes;
  /** Filled while the request is encoded, read while the reply is decoded. */
  readonly toolNames: ToolNames;
  /** Reasoning state of this origin may go to this target; the state in its replies gets it. */
  readonly reasoningOrigin: string;
  /** Ask for stop sequences that the provider cannot honour to be enforced on the reply. */
  enforceStopSequences(sequences: readonly string[]): void;
  /**
   * Ask for nulls that the schemas sent have in place of missing properties to be left out of the reply. Where nobody can be
   * asked, no such schema may be sent.
   */
  leaveOutNulls?(nulls: AddedNulls): void;
}

/** One network chunk in, its canonical events out; synchronous, one per reply. */
export interface StreamDecoder {
  push(chunk: Uint8Array): readonly StreamEvent[];
  /** The provider closed. Gives an `error` event unless the reply was finished: a cut is never a success. */
  end(): readonly StreamEvent[];
}

/** Canonical events in, wire text out; synchronous, one per reply. */
export interface StreamEncoder {
  readonly contentType: string;
  /** Opens the stream before the provider has said anything. Later `message-start` events then write nothing. */
  open(): string;
  /** The text for these events, `''` for none: one write per network chunk. */
  encode(events: readonly StreamEvent[]): string;
  /** Something that this format's clients count as life without showing it. */
  keepAlive(): string;
  /**
   * Ends the stream with an error in this format, without any mark of success. `after`: a provider's own stream passed
   * through this relay, and the error stands behind it.
   */
  fail(error: SignalboxError, after?: StreamRelay): string;
}

/**
 * Reads a pass-through stream on the side. The bytes go on as they came, but for the model name where the client asked
 * under another one.
 */
export interface StreamRelay {
  push(chunk: Uint8Array): Uint8Array | string;
  /** Bytes still held back when the provider closed. */
  end(): Uint8Array | string;
  /** The first content has been seen: from here on no other target may answer. Not the start of a block that may stay empty. */
  readonly committed: boolean;
  /** A thought has begun whose words may never be shown. */
  readonly begun?: boolean;
  /** The format's own mark of success has been seen. */
  readonly finished: boolean;
  /** An error frame, or a malformed one, has been seen. */
  readonly error: SignalboxError | undefined;
  /** That error went by in a frame on which this format's clients act, so that they need not be told again. */
  readonly errorShown: boolean;
  readonly usage: Usage | undefined;
  /** What was given out so far ends with a whole frame: something else may be written now. */
  readonly betweenFrames: boolean;
}

export interface ReplyInspection {
  readonly usage: Usage | undefined;
  /** An error inside a 200, or MALFORMED_REPLY for a body that is no reply of this format. */
  readonly error: SignalboxError | undefined;
}

export interface WireError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/**
 * One wire format: pure functions between its JSON and the canonical model, in both directions. No HTTP, no keys.
 * What cannot be said goes to `notes`; nothing is dropped silently. Inputs are read-only.
 */
export interface Format {
  readonly id: string;
  readonly ingress: readonly IngressRoute[];
  /** Whether a request looks like one of this format's clients; decides shared paths and the shape of a 404. */
  recognises(request: { readonly method: string; readonly path: string; readonly headers: HeaderMap }): boolean;
  /**
   * How much a body looks like a request of this format, for one that comes without a path: 0 for not at all. Only compared
   * with what other formats say.
   */
  resembles?(body: JsonObject): number;
  /** At which of several chat paths of `ingress` such a body is asked. Default: at the first. */
  chatPath?(body: JsonObject): string;
  /** Where this format's clients look for the id of a request: `request-id`. */
  readonly requestIdHeader: string;
  /** Whether a body that does not say `stream` asks for one. Default: no. */
  readonly streamsByDefault?: boolean;
  /** Whether this format's clients fail on a comment in an event stream. Default: they skip it. */
  readonly commentsBreakStreams?: boolean;
  /**
   * What ends half a frame of a provider's, for an error to follow that this format's clients read. Default: a line end, which
   * makes the error a line of that frame.
   */
  readonly halfFrameEnd?: string;
  /**
   * Whether this format's clients send the opaque reasoning state of an answer back with their history, that of any origin.
   * Default: no, and then it is the gateway that may keep it.
   */
  readonly carriesReasoningState?: boolean;
  /** The field of a whole reply that names the model. Default: `model`. */
  readonly replyModelField?: string;
  /** Whether the model stands in the body, as `model`. Default: yes. Otherwise a provider's `endpoint` puts it into the URL. */
  readonly modelInBody?: boolean;
  /** Response headers of a provider that a client of this format wants to see, by name. */
  forwardsReplyHeader(name: string): boolean;

  /** The model that a client means by a name which `encodeModels` gave it in another's place. Default: the name itself. */
  modelMeant?(name: string): string;
  /** @throws {SignalboxError} INVALID_REQUEST that names the field, or UNSUPPORTED. */
  decodeRequest(
    body: JsonObject,
    client: {
      readonly headers: HeaderMap;
      readonly notes: Notes;
      /** What the body asks for, where the caller knows: a count may leave out what a chat must say. */
      readonly operation?: 'chat' | 'count-tokens';
      /** The ingress path that was asked, as `ingress` has it. */
      readonly path?: string;
      /** What the path says, in place of the body. */
      readonly model?: string;
      readonly stream?: boolean;
      /** What follows the `?` of the URL: `alt=sse`. `undefined`: not known. */
      readonly query?: string;
      /** As of the `ClientContext`. */
      state?<T>(key: StateKey<T>): T;
    },
  ): ChatRequest;
  /**
   * Why a request of this format's client must not be sent in another format, although its fields could be dropped with
   * a note: without them it would mean something else. Asked once per attempt that leaves the format.
   */
  refusesElsewhere?(request: ChatRequest): SignalboxError | undefined;
  /**
   * The answer to a request that only a server of this format could act on, and that can do without any elsewhere (loading
   * a model ahead of time). Asked before `refusesElsewhere`.
   */
  answersElsewhere?(request: ChatRequest): ChatReply | undefined;
  encodeRequest(request: ChatRequest, target: TargetContext): JsonObject;
  /** Whether a model goes on with a last assistant message as if it had written it, while it does not reason. Default: no. */
  acceptsPrefill?(model: string): boolean;

  /** @throws {SignalboxError} MALFORMED_REPLY, or what an error inside a 200 says. */
  decodeReply(body: JsonObject, target: TargetContext): ChatReply;
  encodeReply(reply: ChatReply, client: ClientContext): JsonObject;

  createStreamDecoder(target: TargetContext): StreamDecoder;
  createStreamEncoder(client: ClientContext): StreamEncoder;

  /** `echoModel`: the name to put in place of the provider's own, `undefined` to leave it. */
  createStreamRelay(options: { readonly echoModel: string | undefined }): StreamRelay;
  /** What a whole reply that passes through says beside its content; reads no more than it must. */
  inspectReply(body: JsonObject): ReplyInspection;

  /**
   * What a provider of this format answered with status ≥ 400, or as an error inside a 200. `body` may be anything. Of a 401
   * or 403 nothing is repeated, as it may hold the gateway's key.
   */
  decodeError(status: number, headers: HeaderMap, body: string): SignalboxError;
  /** The gateway adds `retryHeaders(error)` and `requestIdHeader`: `headers` are only those beside them, or in their place. */
  encodeError(error: SignalboxError, context: { readonly exchangeId: string }): WireError;

  encodeTokenCount?(tokens: number): JsonObject;
  /** The count in a provider's answer; `undefined` where there is none. */
  decodeTokenCount?(body: JsonObject): number | undefined;
  /** `headers`: the client's, where its kind decides what it can show. */
  encodeModels(models: readonly ModelInfo[], headers?: HeaderMap): JsonObject;
  encodeModel(model: ModelInfo): JsonObject;
}

/** A format is its own plugin: listing its package in the config serves its ingress. */
export function defineFormat<F extends Format>(format: F): F & Plugin {
  return registerPlugin(format, {
    name: `format-${format.id}`,
    apply: (host) => host.addFormat(format),
  });
}
