import type { Effort, JsonObject, StopReason, Usage } from '@signalbox/kit';

/** What a provider's own error code or type means. */
export type ErrorMeaning =
  | 'auth'
  | 'billing'
  | 'quota'
  | 'rate-limit'
  | 'overloaded'
  | 'failed'
  | 'model-not-found'
  | 'context-overflow'
  | 'content-refused'
  | 'image-rejected'
  | 'invalid';

export type ToolChoiceKind = 'auto' | 'none' | 'required' | 'tool' | 'allowed';

/**
 * How one provider's Chat Completions differ from OpenAI's: data, plus two functions for what data cannot say. Give
 * `openaiChat.with()` only the fields that differ; `openaiDialect` has the others. Whatever a dialect makes impossible
 * is left out of the request with a fidelity note.
 */
export interface Dialect {
  // — Reasoning —

  /** Where an assistant message of the history carries its reasoning. `thinking-part`: a content part (Mistral). */
  readonly reasoningField: 'reasoning_content' | 'reasoning' | 'reasoning_details' | 'thinking-part' | 'none';
  /**
   * `own`: reasoning of this target's origin, or of unknown origin, goes back. `always`: so it does while thinking is on, and
   * every other assistant message has `noReasoning` there (DeepSeek V4, Kimi). `never`: dropped.
   */
  readonly reasoningReplay: 'always' | 'own' | 'never';
  /** What `always` sends where there is no reasoning to send. Kimi takes `""` for none at all. */
  readonly noReasoning: string;
  /**
   * How thinking is switched: `thinking: {type: 'enabled' | 'disabled'}` (DeepSeek, Kimi, GLM), `enable_thinking` (Qwen),
   * `reasoning: {enabled}` (OpenRouter), `chat_template_kwargs: {enable_thinking}` (vLLM, llama.cpp), or not at all.
   */
  readonly thinking: 'thinking' | 'enable_thinking' | 'reasoning' | 'chat_template_kwargs' | 'none';
  /** What the switch says for a client that said nothing about reasoning. `omit` leaves it to the provider. */
  readonly thinkingUnsaid: 'enabled' | 'disabled' | 'omit';
  /** Goes into the switch's object whenever that is sent: `{ clear_thinking: false }`, `{ keep: 'all' }`. */
  readonly thinkingOptions: JsonObject;
  /** Where the effort goes: `reasoning_effort`, or `reasoning: {effort}`. */
  readonly effortField: 'reasoning_effort' | 'reasoning' | 'none';
  /** The provider's word for each effort it has; for one that is missing the nearest weaker, else stronger, is sent. */
  readonly efforts: Readonly<Partial<Record<Effort, string>>>;
  /** Where a budget in tokens goes; `none` turns it into an effort. */
  readonly budgetField: 'reasoning' | 'thinking_budget' | 'none';
  /** Function tools and reasoning exclude each other: with tools the effort `none` is sent (OpenAI gpt-5.4 to 5.6). */
  readonly toolsExcludeReasoning: boolean;
  /** Thinks whatever it is told: the wish to switch that off becomes the weakest effort, or a note. */
  readonly alwaysThinks: boolean;
  /** The reply has its reasoning as `<think>…</think>` at the start of the text. */
  readonly reasoningInContent: boolean;

  // — Messages —

  readonly systemRole: 'system' | 'developer';
  /** System messages inside the conversation: kept in place, or folded into user text as `<system-reminder>`. */
  readonly midSystem: 'keep' | 'fold';
  /**
   * Several text blocks are joined to one string; otherwise they go as parts. One block alone is a string either way,
   * and what carries `cache_control` is a part either way.
   */
  readonly flattenText: boolean;
  /** The `content` of an assistant message that has calls and no text. */
  readonly emptyAssistantContent: 'null' | 'empty-string' | 'omit';
  /** Whether images can be sent at all; otherwise a text stands in their place. */
  readonly images: boolean;
  /** Whether the provider fetches image URLs itself. */
  readonly imageUrls: boolean;
  /** How PDFs go: a `file` part, Mistral's `document_url` part, or a text in their place. */
  readonly documents: 'file' | 'document_url' | 'none';
  /** `name` on messages. */
  readonly messageNames: boolean;
  /** `name` of the tool on `tool` messages (older Mistral models). */
  readonly toolMessageNames: boolean;
  /** A user message may follow a tool message directly; `false` puts a short assistant message between them. */
  readonly userAfterTool: boolean;
  /** Refuses a conversation without any user message (GLM): one of system messages alone is sent as the user's. */
  readonly needsUserMessage: boolean;
  /** What makes the provider continue a last assistant message; `none` asks for it in a user message. */
  readonly prefill: 'prefix' | 'partial' | 'continue_final_message' | 'none';
  /** Keeps `cache_control` on content parts and tools (OpenRouter, Qwen). */
  readonly cacheControl: boolean;
  /** Keeps the `ttl` of `cache_control`. */
  readonly cacheTtl: boolean;
  /** Ids of tool calls: one that is not `legal` becomes `hashLength` characters of `[A-Za-z0-9]`, on call and result. */
  readonly toolCallIds: { readonly legal: RegExp; readonly hashLength: number };

  // — Request fields —

  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** Tokens to ask for when the client names no limit; `undefined` sends none. */
  readonly defaultMaxTokens: number | undefined;
  /**
   * Optional top-level fields the provider takes as the client wrote them, `temperature`, `top_p` and `top_k` among
   * them; others are dropped. `all` sends whatever a Chat client sent.
   */
  readonly parameters: 'all' | readonly string[];
  /** Fields that the provider calls otherwise: `{ seed: 'random_seed' }`. */
  readonly renames: Readonly<Record<string, string>>;
  /** A higher temperature is clamped. */
  readonly maxTemperature: number;
  /** How many stop sequences can be sent; the gateway enforces the others on the reply. 0: none can. */
  readonly maxStopSequences: number;
  /** Sends `stream_options: {include_usage: true}` with streams. */
  readonly streamUsage: boolean;
  /**
   * Answers in streams only, always or while it thinks (Qwen): a stream is asked for even where the client wants a whole
   * answer, which the gateway then puts together.
   */
  readonly streamOnly: 'never' | 'thinking' | 'always';
  /**
   * `json_object`: a schema goes into the system prompt. `none`: so does the wish for JSON. `json_schema_only`: the wish
   * for any JSON object is a schema, too (LM Studio).
   */
  readonly responseFormat: 'json_schema' | 'json_schema_only' | 'json_object' | 'none';
  /** Where the end user's id goes. Over 64 characters it is sent as its SHA-256 in hex. */
  readonly userField: 'user' | 'safety_identifier' | 'user_id' | 'none';
  /** Fields of every request. */
  readonly extraBody: JsonObject;
  /** Fields of every request that has tools: `{ tool_stream: true }`. A client's own wish overrides them. */
  readonly extraBodyWithTools: JsonObject;

  // — Tools —

  /** `strict` on tools and schemas is sent. */
  readonly strictTools: boolean;
  readonly parallelToolCalls: boolean;
  /**
   * Choices the provider takes. Without `required` and `tool` the choice falls back to `auto`, without `none` the tools
   * are left out, without `allowed` the list of tools is filtered.
   */
  readonly toolChoices: readonly ToolChoiceKind[];
  /** The same while thinking is on, where that is stricter (Kimi K2, Qwen, DeepSeek). */
  readonly toolChoicesThinking: readonly ToolChoiceKind[] | undefined;
  /** Custom (free text) tools are native; otherwise they become functions with one string property. */
  readonly customTools: boolean;
  /**
   * How other formats' web search is asked for: `web_search_options` (OpenAI's search models), or OpenRouter's tool, and
   * its plugin where the search is forced. What a Chat client wrote goes by `parameters`.
   */
  readonly webSearch: 'web_search_options' | 'openrouter' | 'none';
  /** Adapts a tool's JSON Schema, which always is an object with `properties`; returns a new one. */
  readonly encodeSchema: ((schema: JsonObject) => JsonObject) | undefined;

  // — Replies —

  /** Reads the `usage` object. Tokens; absent stays `undefined`. `decodeUsage` of this package does for most. */
  readonly decodeUsage: ((usage: JsonObject) => Usage) | undefined;
  /** Finish reasons beyond the known ones. `failed` and `overloaded` make the reply a (retryable) failure. */
  readonly finishReasons: Readonly<Record<string, StopReason | 'failed' | 'overloaded'>>;
  /** What error codes and types mean where the status misleads: `{ exceeded_current_quota_error: 'billing' }`. */
  readonly errorMeanings: Readonly<Record<string, ErrorMeaning>>;
}

/**
 * A whole dialect's differences, or differences that depend on the target's model. The function must be pure; it is asked
 * for the model `''` where nobody knows the model: for what all of the provider's models have in common.
 */
export type DialectOptions = Partial<Dialect> | ((model: string) => Partial<Dialect>);

/** Chat Completions as OpenAI documents them. */
export const openaiDialect: Dialect = Object.freeze<Dialect>({
  reasoningField: 'reasoning_content',
  reasoningReplay: 'own',
  noReasoning: '',
  thinking: 'none',
  thinkingUnsaid: 'omit',
  thinkingOptions: {},
  effortField: 'reasoning_effort',
  efforts: {
    none: 'none',
    minimal: 'minimal',
    low: 'low',
    medium: 'medium',
    high: 'high',
    xhigh: 'xhigh',
    max: 'max',
  },
  budgetField: 'none',
  toolsExcludeReasoning: false,
  alwaysThinks: false,
  reasoningInContent: false,
  systemRole: 'system',
  midSystem: 'keep',
  flattenText: false,
  emptyAssistantContent: 'null',
  images: true,
  imageUrls: true,
  documents: 'file',
  messageNames: true,
  toolMessageNames: false,
  userAfterTool: true,
  needsUserMessage: false,
  prefill: 'none',
  cacheControl: false,
  cacheTtl: true,
  toolCallIds: { legal: /^[\s\S]{1,40}$/, hashLength: 24 },
  maxTokensField: 'max_completion_tokens',
  defaultMaxTokens: undefined,
  parameters: 'all',
  renames: {},
  maxTemperature: 2,
  maxStopSequences: 4,
  streamUsage: true,
  streamOnly: 'never',
  responseFormat: 'json_schema',
  userField: 'safety_identifier',
  extraBody: {},
  extraBodyWithTools: {},
  strictTools: true,
  parallelToolCalls: true,
  toolChoices: ['auto', 'none', 'required', 'tool', 'allowed'],
  toolChoicesThinking: undefined,
  customTools: true,
  webSearch: 'none',
  encodeSchema: undefined,
  decodeUsage: undefined,
  finishReasons: {},
  errorMeanings: {},
});

/**
 * What nearly every server that calls itself compatible understands: a starting point for `with()`, to be spread.
 * It sends the older and plainer of two ways wherever there are two.
 */
export const compatibleDialect: Partial<Dialect> = Object.freeze<Partial<Dialect>>({
  flattenText: true,
  emptyAssistantContent: 'empty-string',
  documents: 'none',
  messageNames: false,
  maxTokensField: 'max_tokens',
  parameters: ['temperature', 'top_p', 'top_k', 'seed', 'frequency_penalty', 'presence_penalty'],
  userField: 'user',
  strictTools: false,
  toolChoices: ['auto', 'none', 'required', 'tool'],
  customTools: false,
});

/** The whole dialect for a model: what `options` say over `openaiDialect`, computed once per model. */
export function dialectResolver(options: DialectOptions): (model: string) => Dialect {
  if (typeof options !== 'function') {
    const dialect = { ...openaiDialect, ...options };
    return () => dialect;
  }
  const known = new Map<string, Dialect>();
  return (model) => {
    let dialect = known.get(model);
    if (dialect === undefined) {
      // Model names come from clients: the memory they take is bounded.
      if (known.size >= 1_000) known.clear();
      dialect = { ...openaiDialect, ...options(model) };
      known.set(model, dialect);
    }
    return dialect;
  };
}
