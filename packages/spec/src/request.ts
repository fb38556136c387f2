import type { CacheControl, Extensions, Message, TextBlock } from './content.ts';
import type { JsonObject } from './json.ts';

/** A tool that the client runs. */
export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments, as the client wrote it; `undefined` = no arguments. */
  readonly inputSchema?: JsonObject;
  readonly strict?: boolean;
  readonly cacheControl?: CacheControl;
  readonly extensions?: Extensions;
}

/** What a client says about how the provider is to search the web, in no format's words. */
export interface WebSearch {
  /** Searches in one answer. */
  readonly maxUses?: number;
  /** Results of one search. */
  readonly maxResults?: number;
  /** How much of what is found the model reads. */
  readonly contextSize?: 'low' | 'medium' | 'high';
  readonly allowedDomains?: readonly string[];
  readonly blockedDomains?: readonly string[];
  /** Roughly where the user is; `country` in two letters, `timezone` as IANA names it. */
  readonly userLocation?: {
    readonly city?: string;
    readonly region?: string;
    readonly country?: string;
    readonly timezone?: string;
  };
  /** Names of what else the client says, which only its own format knows. */
  readonly others?: readonly string[];
}

/** A tool that one format defines itself, run by the provider or by the client without a schema on the wire. */
export interface OpaqueTool {
  readonly type: 'opaque';
  readonly format: string;
  readonly name?: string;
  readonly value: JsonObject;
  /** It is the provider's web search, which other formats have, too. */
  readonly webSearch?: WebSearch;
}

export type Tool = FunctionTool | OpaqueTool;

export type ToolChoice =
  | { readonly type: 'auto' | 'required' | 'none' }
  | { readonly type: 'tool'; readonly name: string }
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] };

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface ReasoningOptions {
  /** `adaptive`: the model decides; `budget`: up to `budgetTokens`; `disabled`: off. `undefined`: not said. */
  readonly mode?: 'adaptive' | 'budget' | 'disabled';
  readonly effort?: Effort;
  readonly budgetTokens?: number;
  /** Whether the client wants to see reasoning text. */
  readonly display?: 'summarized' | 'omitted';
}

export type ResponseFormat =
  | { readonly type: 'json-object' }
  | {
      readonly type: 'json-schema';
      readonly schema: JsonObject;
      readonly name?: string;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** One request for a completion, in no vendor's format. Values are read-only: a change is a new object. */
export interface ChatRequest {
  /** The model as the client asked for it. The target's model is in the route plan. */
  readonly model: string;
  readonly stream: boolean;
  readonly system: readonly TextBlock[];
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** `false`: at most one tool call in the answer. */
  readonly parallelToolCalls?: boolean;
  /** Ceiling of the completion, reasoning included, in tokens. */
  readonly maxOutputTokens?: number;
  readonly stopSequences?: readonly string[];
  /** 0 to 2, as the client gave it. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly reasoning?: ReasoningOptions;
  readonly responseFormat?: ResponseFormat;
  /** Opaque id of the end user: personal data. */
  readonly userId?: string;
  readonly extensions?: Extensions;
}
