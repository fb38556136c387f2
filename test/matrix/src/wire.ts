import type { JsonObject, JsonValue, Plugin } from '@signalbox/kit';
import type { RecordedRequest, Turn, WireTurn } from '@signalbox/testkit';

/** What a client wants to say, in no format. Each client format says it in its own words, written by hand. */
export interface Ask {
  readonly system?: string;
  /** Oldest first; the last one is the user's. */
  readonly turns: readonly AskTurn[];
  readonly tools?: readonly AskTool[];
  /** In tokens. Default: 4096. */
  readonly limit?: number;
  readonly stop?: string;
  readonly schema?: JsonObject;
  readonly reasons?: boolean;
}

export interface AskTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Base64 of a PNG. */
  readonly image?: string;
  /** Base64 of a PDF. */
  readonly document?: string;
}

export interface AskTool {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
  /** The arguments must be of the schema, where the client's format can say so. */
  readonly strict?: boolean;
}

/** The result of the call with the same index. */
export interface AskResult {
  readonly text: string;
  readonly isError?: boolean;
  readonly image?: string;
}

/** What follows an answer: the results of its calls, or a text. */
export interface Then {
  readonly results?: readonly AskResult[];
  readonly text?: string;
  /** The client says whose results they are by their order and the names of the tools, where its format lets it. */
  readonly withoutIds?: boolean;
}

/** Why an answer ended. `stop`: at the client's stop sequence, where the format can say so. */
export type Ending = 'end' | 'stop' | 'calls' | 'limit' | 'refused';

/** What a client reads in an answer. */
export interface Said {
  /** The answer as the client keeps it, to be sent back: blocks, items, parts, or one message. */
  readonly kept: readonly JsonObject[];
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id?: string; readonly name: string; readonly input: JsonValue }[];
  readonly ending?: Ending | undefined;
  readonly stopSequence?: string | undefined;
  readonly model?: string | undefined;
  readonly usage?: SaidUsage | undefined;
  readonly error?: SaidError | undefined;
  /** The answer has its format's mark of success. */
  readonly ended: boolean;
  /** What a strict reader of this format would complain about. */
  readonly problems: readonly string[];
}

/** In tokens. `undefined`: not said. */
export interface SaidUsage {
  /** Cached ones included. */
  readonly prompt: number | undefined;
  readonly cached?: number | undefined;
  /** Of the prompt, what went into a cache. */
  readonly written?: number | undefined;
  /** Of the completion, what was reasoning. */
  readonly thought?: number | undefined;
  readonly completion: number | undefined;
}

export interface SaidError {
  readonly message: string;
  /** The format's word for the kind of error. */
  readonly kind: string;
}

export interface ClientKind {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  path(model: string, stream: boolean): string;
  body(ask: Ask, model: string, stream: boolean): JsonObject;
  /** The body that follows: what was said so far, the answer as it was kept, and what the user's side says to it. */
  next(body: JsonObject, said: Said, then: Then): JsonObject;
  read(raw: string, stream: boolean): Said;
  /** How this format asks for a count of tokens; `undefined`: it cannot. */
  readonly count?: {
    path(model: string): string;
    body(ask: Ask, model: string): JsonObject;
    read(body: JsonObject): number | undefined;
  };
  /** The format's word for a rate limit. */
  readonly rateLimited: string;
}

export type HeardPart =
  | { readonly type: 'text'; readonly text: string; readonly signature?: string | undefined }
  | { readonly type: 'image' | 'document'; readonly mediaType?: string | undefined; readonly data: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly signature?: string | undefined }
  | {
      readonly type: 'call';
      readonly id?: string | undefined;
      readonly name: string;
      readonly input: JsonValue;
      readonly signature?: string | undefined;
    }
  | {
      readonly type: 'result';
      readonly id?: string | undefined;
      readonly name?: string | undefined;
      readonly text: string;
      readonly isError: boolean;
      readonly images: readonly string[];
    };

export interface HeardTurn {
  readonly role: 'user' | 'assistant';
  readonly parts: readonly HeardPart[];
}

/** What a provider reads in a request. */
export interface Heard {
  readonly system: string;
  readonly turns: readonly HeardTurn[];
  readonly tools: readonly { readonly name: string; readonly description: string; readonly schema: JsonValue }[];
  readonly limit?: number | undefined;
  readonly stop: readonly string[];
  readonly schema?: JsonValue | undefined;
  readonly reasons: boolean;
  readonly stream: boolean;
  /** What the provider would refuse. */
  readonly problems: readonly string[];
}

export interface Refusal extends Pick<WireTurn, 'body' | 'frames'> {
  /** What it says; empty where it says nothing. */
  readonly words: string;
}

export interface ProviderKind {
  readonly id: string;
  /** The model that is asked for; a mark of the cell follows. */
  readonly model: string;
  plugin(baseUrl: string): readonly [Plugin, JsonObject];
  /** @throws {Error} where the request is none of this format. */
  read(request: RecordedRequest): Heard;
  /** Why the real one would answer 400 to the schemas in a request. */
  refuses(body: JsonObject): readonly string[];
  /** Other ways to decline than in the middle of a text. */
  readonly refusals: readonly Refusal[];
  answer(turn: Turn): Pick<WireTurn, 'body' | 'frames'>;
  /** The same turn without ids for its calls, where the format lets a provider leave them out. */
  withoutIds?(turn: Turn): Pick<WireTurn, 'body' | 'frames'>;
  /** The `content-type` of its streams. */
  readonly streamType: string;
  /** The body of an error. */
  error(status: number, message: string): JsonObject;
  /** The frame of an error inside a stream, behind so many others. */
  errorFrame(message: string, behind: number): string;
  /** The answer to a count of tokens, where the format has one. */
  count?(tokens: number): JsonObject;
}
