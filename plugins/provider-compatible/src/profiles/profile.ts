import type { AnthropicDialectOptions } from '../anthropic-dialect.ts';
import type { ChatDialectOptions } from '../chat-dialect.ts';
import type { ErrorPattern } from '../error-patterns.ts';
import type { TokenCounts } from '../token-counts.ts';

/** What is known about one server, so that nobody has to write it into a config: data, as a config could say it. */
export interface Profile {
  /** What the option `profile` calls it, and its targets unless they have a name of their own. */
  readonly id: string;
  readonly title: string;
  /** `undefined`: everybody has another one. */
  readonly baseUrl?: string;
  /** What such a URL looks like, or where else the same is served. */
  readonly alsoAt: readonly string[];
  /** Where it speaks Anthropic Messages. */
  readonly anthropicBaseUrl?: string;
  /** What follows the base URL; `{model}` stands for the target's model. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly authHeader?: 'authorization' | 'x-api-key' | 'api-key';
  readonly key: 'required' | 'optional';
  /** Whether its list of models has the ids that can be asked for. */
  readonly listsModels: boolean;
  /** Takes an OpenAI client's body as it is. */
  readonly verbatim: boolean;
  /** What the dialect starts from: OpenAI's own, or what nearly every compatible server understands. */
  readonly like: 'openai' | 'compatible';
  readonly dialect: ChatDialectOptions;
  /** How its Messages differ from what is assumed of any such server. */
  readonly anthropic?: AnthropicDialectOptions;
  /** What is different for some models, in this order: `*` stands for any text. */
  readonly models: readonly ModelRule[];
  readonly errors: readonly ErrorPattern[];
  /** Where it counts tokens, by the format it is called in. */
  readonly tokenCounts?: { readonly [Format in 'openai-chat' | 'anthropic-messages']?: TokenCounts };
  /** Where the vendor says so. */
  readonly docs: string;
}

export interface ModelRule {
  readonly names: readonly string[];
  readonly dialect: ChatDialectOptions;
}
