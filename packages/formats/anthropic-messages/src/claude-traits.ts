/** What a Claude model takes, as far as its name tells. */
export interface ClaudeTraits {
  readonly adaptiveThinking: boolean;
  /** `thinking: {type: 'enabled', budget_tokens}`. */
  readonly manualThinking: boolean;
  readonly disabledThinking: boolean;
  /** `thinking: {type: 'between_tools'}`, which stands for `disabled` where that is gone. */
  readonly betweenTools: boolean;
  readonly sampling: boolean;
  readonly temperatureWithTopP: boolean;
  readonly forcedToolChoice: boolean;
  readonly prefill: boolean;
  readonly midConversationSystem: boolean;
}

const PERMISSIVE: ClaudeTraits = {
  adaptiveThinking: true,
  manualThinking: true,
  disabledThinking: true,
  betweenTools: false,
  sampling: true,
  temperatureWithTopP: true,
  forcedToolChoice: true,
  prefill: true,
  midConversationSystem: true,
};

// `claude-opus-4-8`, `anthropic/claude-sonnet-4.5`, `claude-haiku-4-5-20251001`; a date is no minor version.
const NEW_NAME = /claude-(opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
const OLD_NAME = /claude-[23](?:\D|$)/;

/** Traits by name; a name that is not Claude's can do everything, because its server knows better. */
export function claudeTraits(model: string): ClaudeTraits {
  const match = NEW_NAME.exec(model);
  if (match === null) return OLD_NAME.test(model) ? traitsOf('', 3) : PERMISSIVE;
  return traitsOf(match[1] ?? '', Number(match[2]) + Number(match[3] ?? 0) / 10);
}

function traitsOf(family: string, version: number): ClaudeTraits {
  const alwaysThinks = family === 'fable' || family === 'mythos';
  const bound = version >= 5.5 && (family === 'opus' || family === 'sonnet');
  return {
    adaptiveThinking: version >= 4.6,
    manualThinking: version <= 4.6,
    disabledThinking: !alwaysThinks && !bound,
    betweenTools: bound && family === 'sonnet',
    sampling: version <= 4.6,
    temperatureWithTopP: version < 4.1,
    forcedToolChoice: !bound && !(family === 'fable' && version >= 5.1),
    prefill: version < 4.6,
    midConversationSystem: version >= 5 || (family === 'opus' && version >= 4.8),
  };
}
