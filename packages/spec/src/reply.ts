import type { Block, Extensions, OpaqueBlock, ReasoningState } from './content.ts';
import type { JsonObject } from './json.ts';

/** Counts in tokens; `undefined` = not reported, which is not 0. */
export interface Usage {
  /** The whole prompt, cached parts included. */
  readonly promptTokens?: number;
  /** Part of the prompt that was read from a cache. */
  readonly cacheReadTokens?: number;
  /** Part of the prompt that was written to a cache. */
  readonly cacheWriteTokens?: number;
  /** Part of `cacheWriteTokens` that is kept for an hour, for which some charge more. */
  readonly cacheWrite1hTokens?: number;
  /** The whole completion, reasoning included. */
  readonly completionTokens?: number;
  readonly reasoningTokens?: number;
  /** What the provider says it charged, in USD. */
  readonly costUsd?: number;
  readonly extensions?: Extensions;
}

export type StopReason =
  | 'end-turn'
  | 'stop-sequence'
  | 'tool-call'
  | 'max-tokens'
  | 'context-window-exceeded'
  | 'refusal'
  | 'pause-turn';

export interface ChatReply {
  /** The provider's id of the reply, for logs; clients get a fresh one. */
  readonly id?: string;
  /** The model that answered, in the provider's words. */
  readonly model?: string;
  readonly content: readonly Block[];
  readonly stopReason: StopReason;
  /** The provider's own word, where it had one. */
  readonly rawStopReason?: string;
  readonly stopSequence?: string;
  readonly usage?: Usage;
  readonly extensions?: Extensions;
}

/** A failure as an event and in records: no stack, no secret, nothing of the provider's raw answer. */
export interface ErrorInfo {
  /** Stable, `UPPER_SNAKE`; `docs/errors.md` lists them. */
  readonly code: string;
  readonly message: string;
  /** HTTP status for the client. */
  readonly status: number;
  readonly retryable: boolean;
  /** Seconds, exact to the millisecond. */
  readonly retryAfterSeconds?: number;
  /** Whether the client should try again, where the status would mislead it. */
  readonly shouldRetry?: boolean;
}

export type StreamBlock =
  /** `refusal`: the provider's wire says that these are the model's words of refusal. */
  | { readonly type: 'text'; readonly refusal?: boolean }
  | { readonly type: 'reasoning'; readonly redacted?: boolean }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly extensions?: Extensions }
  /** Arrives whole: no deltas follow. */
  | OpaqueBlock;

/**
 * The grammar of a reply: `message-start (block-start delta* block-end)* message-end`, where `usage` may stand anywhere
 * between the two, `error` may end it anywhere, and nothing follows `message-end` or `error`. Blocks never interleave and
 * their indexes count from 0.
 */
export type StreamEvent =
  | { readonly type: 'message-start'; readonly id?: string; readonly model?: string; readonly extensions?: Extensions }
  | { readonly type: 'block-start'; readonly index: number; readonly block: StreamBlock }
  | { readonly type: 'text-delta'; readonly index: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly index: number; readonly text: string }
  /** The opaque state of the open reasoning block, whole, at most once and last in its block. */
  | { readonly type: 'signature'; readonly index: number; readonly state: ReasoningState }
  | { readonly type: 'tool-input-delta'; readonly index: number; readonly json: string }
  /** A delta in the words of one format (citations), in the open block. */
  | { readonly type: 'extension-delta'; readonly index: number; readonly format: string; readonly value: JsonObject }
  | { readonly type: 'block-end'; readonly index: number }
  /** Totals so far: overwrite, never add. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'message-end';
      readonly stopReason: StopReason;
      readonly rawStopReason?: string;
      readonly stopSequence?: string;
      readonly extensions?: Extensions;
    }
  | { readonly type: 'error'; readonly error: ErrorInfo };

/** What happened to a part of a request or reply that a format or provider cannot express exactly. */
export interface FidelityNote {
  /** Where, in canonical terms: `messages[2].content[0].cacheControl`. */
  readonly path: string;
  readonly action: 'mapped' | 'approximated' | 'dropped' | 'refused';
  readonly reason: string;
  /** How many this one stands for: one, unless said. */
  readonly count?: number;
}

/** In USD per million tokens; `undefined` = not known, which is not free. */
export interface TokenPrices {
  /** Prompt tokens that no cache served. */
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  /** Prompt tokens written to a cache, in place of `input`. */
  readonly cacheWrite?: number;
  /** Those of them that are kept for an hour. */
  readonly cacheWrite1h?: number;
}

export interface ModelPrices extends TokenPrices {
  /** Other prices for the whole request where its prompt is longer; in ascending order. */
  readonly tiers?: readonly (TokenPrices & { readonly abovePromptTokens: number })[];
}

/** What a model can do; `undefined` = not known. */
export interface ModelCapabilities {
  readonly images?: boolean;
  readonly documents?: boolean;
  readonly tools?: boolean;
  readonly reasoning?: boolean;
  readonly structuredOutput?: boolean;
  /** The provider searches the web for it. */
  readonly webSearch?: boolean;
  /** It goes on with an answer that the request has begun. */
  readonly prefill?: boolean;
}

/** One model that can be asked for. Limits in tokens. */
export interface ModelInfo {
  readonly id: string;
  readonly displayName?: string;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly ownedBy?: string;
  readonly prices?: ModelPrices;
  readonly capabilities?: ModelCapabilities;
}
