import { claudeTraits } from './claude-traits.ts';

/**
 * What an Anthropic-compatible server takes. Unsaid switches are Anthropic's own; `undefined` in the five that depend on
 * the model means: decided by the Claude model's name, and yes for any other name.
 */
export interface AnthropicDialect {
  /**
   * Which fields beyond the documented core may be sent, by name and at any depth: `context_management`, `service_tier`,
   * `citations`, `defer_loading`, … Default: `all`.
   */
  readonly extraFields?: 'all' | readonly string[];
  /** `false` strips `cache_control`; a list keeps these of its keys beside `type` (`ttl`, `scope`). Default: `all`. */
  readonly cacheControl?: false | 'all' | readonly string[];
  /** Takes `document` blocks. Without, text documents become text and a line stands for the others. Default: true. */
  readonly documents?: boolean;
  /** Takes `redacted_thinking`. Default: true. */
  readonly redactedThinking?: boolean;
  /** Takes `thinking` blocks that nobody signed: text of unknown origin goes along. Default: false. */
  readonly unsignedThinking?: boolean;
  /**
   * What stands in the place of `thinking` that cannot be sent, as that of another provider, where the server refuses a
   * tool loop without any (DeepSeek). Default: false, nothing.
   */
  readonly noThinking?: string | false;
  /** Keeps Claude Code's attribution block, which differs per conversation and spoils prefix caches. Default: true. */
  readonly attributionBlock?: boolean;
  /** Merges neighbouring messages of one role by itself. Default: true. */
  readonly mergesRoles?: boolean;
  /** Takes `thinking: {type: 'adaptive'}`; without, a token budget is sent. */
  readonly adaptiveThinking?: boolean;
  /** Takes role `system` in the middle of a conversation. */
  readonly midConversationSystem?: boolean;
  /** Takes `temperature`, `top_p` and `top_k` other than their defaults. */
  readonly sampling?: boolean;
  /** Takes `tool_choice` `any` and `tool`. */
  readonly forcedToolChoice?: boolean;
  /** Searches the web: another format's wish for that is its own tool. Default: false. */
  readonly webSearch?: boolean;
  /** Continues a trailing assistant message. */
  readonly prefill?: boolean;
}

/** A dialect resolved for one model. */
export interface Capabilities extends Required<AnthropicDialect> {
  readonly manualThinking: boolean;
  readonly disabledThinking: boolean;
  readonly betweenTools: boolean;
  readonly temperatureWithTopP: boolean;
}

export function capabilitiesOf(dialect: AnthropicDialect, model: string): Capabilities {
  return {
    extraFields: 'all',
    cacheControl: 'all',
    documents: true,
    redactedThinking: true,
    unsignedThinking: false,
    noThinking: false,
    attributionBlock: true,
    mergesRoles: true,
    webSearch: false,
    ...claudeTraits(model),
    ...dialect,
  };
}
