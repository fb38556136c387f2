import type { JsonObject, JsonValue } from './json.ts';

/**
 * What only one wire format knows, kept under that format's id. It travels untouched, returns to that format only, and
 * every other format notes it as dropped.
 */
export type Extensions = Readonly<Record<string, JsonObject>>;

/** A prompt-cache breakpoint after the block that carries it. `ttl` as asked for; `undefined` = the provider's default. */
export interface CacheControl {
  readonly ttl?: '5m' | '1h';
}

interface BlockBase {
  readonly cacheControl?: CacheControl;
  readonly extensions?: Extensions;
}

export interface TextBlock extends BlockBase {
  readonly type: 'text';
  readonly text: string;
}

/**
 * A page on the web that a text goes back to, as its provider named it. It stands as `$citations` in the delta of the format
 * that brought it. Places count from where the text of its block begins, in UTF-16 code units; below 0 they lie in a
 * text before it.
 */
export interface WebCitation extends JsonObject {
  url: string;
  title?: string;
  /** What the page says, in its own words. */
  quote?: string;
  /** `undefined`: the whole text goes back to it. */
  start?: number;
  end?: number;
}

export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  /** An id that only the provider which issued it can resolve; `format` says whose. */
  | { readonly type: 'file'; readonly fileId: string; readonly format: string };

export interface ImageBlock extends BlockBase {
  readonly type: 'image';
  readonly source: MediaSource;
}

export interface DocumentBlock extends BlockBase {
  readonly type: 'document';
  readonly source:
    | MediaSource
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'content'; readonly content: readonly Block[] };
  readonly title?: string;
  /** What the client says about the document, beside its title. */
  readonly context?: string;
}

/**
 * The opaque half of a reasoning block: signatures, encrypted items, detail arrays. It is valid only at its origin,
 * returns to that origin only, and is never made up. Reasoning of a wire that signs nothing is decoded with `data: {}`, so
 * that its text, too, returns to nobody else.
 */
export interface ReasoningState {
  /** Who issued it: `anthropic`, or a provider's `reasoningOrigin`. */
  readonly origin: string;
  readonly data: JsonValue;
}

export interface ReasoningBlock extends BlockBase {
  readonly type: 'reasoning';
  /** Empty where the provider gives only its opaque state. */
  readonly text: string;
  /** `undefined`: plain text of unknown origin. */
  readonly state?: ReasoningState;
  /** The provider withheld the text on purpose (Anthropic's `redacted_thinking`). */
  readonly redacted?: boolean;
}

export interface ToolCallBlock extends BlockBase {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** The parsed arguments; `{}` where `rawInput` does not parse. */
  readonly input: JsonValue;
  /** The arguments as text, exactly as received, where the wire carries text. It may be invalid JSON. */
  readonly rawInput?: string;
}

export interface ToolResultBlock extends BlockBase {
  readonly type: 'tool-result';
  readonly callId: string;
  readonly content: readonly Block[];
  readonly isError?: boolean;
}

/** A block that only one format can express (server tools, MCP listings, …), whole and untouched. */
export interface OpaqueBlock {
  readonly type: 'opaque';
  readonly format: string;
  readonly value: JsonObject;
  /** It tells of a search that the provider made on the web. */
  readonly webSearch?: { readonly query?: string };
}

export type Block =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | ReasoningBlock
  | ToolCallBlock
  | ToolResultBlock
  | OpaqueBlock;

/**
 * One turn, as an ordered list of blocks. Tool results are blocks of a user message. A `system` message stands in the
 * middle of a conversation; what comes before the first turn is `ChatRequest.system`.
 */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly Block[];
  readonly extensions?: Extensions;
}
