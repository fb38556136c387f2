import type { AnthropicDialect } from '@signalbox/format-anthropic-messages';
import { type Static, Type } from '@signalbox/kit';

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));

/** What an Anthropic-compatible server takes; `AnthropicDialect` as options. */
export const anthropicDialectSchema = Type.Object(
  {
    extraFields: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Array(Type.String({ minLength: 1 }))], {
        description: 'Fields beyond the documented core that it takes, or `all`. Default: none.',
      }),
    ),
    cacheControl: Type.Optional(
      Type.Union([Type.Literal(false), Type.Literal('all'), Type.Array(Type.String({ minLength: 1 }))], {
        description: '`false`: takes no `cache_control`; a list: takes these of its keys. Default: plain ones (`[]`).',
      }),
    ),
    documents: flag('Takes `document` blocks. Default: true.'),
    redactedThinking: flag('Takes `redacted_thinking`. Default: true.'),
    unsignedThinking: flag('Takes `thinking` blocks that nobody signed. Default: true.'),
    noThinking: Type.Optional(
      Type.String({
        description:
          'What stands in the place of `thinking` that is another provider’s, where the server wants some in every tool turn.',
      }),
    ),
    attributionBlock: flag('Gets Claude Code’s attribution block, which spoils prefix caches. Default: false.'),
    mergesRoles: flag('Takes neighbouring messages of one role. Default: true.'),
    adaptiveThinking: flag(
      'Takes `thinking: {"type": "adaptive"}`; otherwise a budget is sent. Default: by model name.',
    ),
    midConversationSystem: flag('Takes role `system` inside a conversation. Default: false.'),
    sampling: flag('Takes `temperature`, `top_p` and `top_k`. Default: by model name.'),
    forcedToolChoice: flag('Takes `tool_choice` `any` and `tool`. Default: by model name.'),
    prefill: flag('Continues a last assistant message. Default: by model name.'),
  },
  { additionalProperties: false, description: 'How the server’s Messages differ. For `anthropic-messages` only.' },
);

export type AnthropicDialectOptions = Static<typeof anthropicDialectSchema>;

/** The careful side of each switch, because most such servers know the core of the format alone. */
export function anthropicDialect(options: AnthropicDialectOptions = {}): AnthropicDialect {
  return {
    extraFields: [],
    cacheControl: [],
    unsignedThinking: true,
    attributionBlock: false,
    midConversationSystem: false,
    ...options,
  };
}
