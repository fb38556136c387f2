import { compatibleDialect, type Dialect } from '@signalbox/format-openai-chat';
import type { DeepSeekConfig } from './config.ts';

/** Models that see images: Flash and its aliases. Pro reads text only. */
const SEES_IMAGES = /flash/;

/** DeepSeek's Chat Completions: `reasoning_content`, a thinking switch, `json_object` only. */
export function dialectFor({
  thinkingUnsaid,
}: Pick<DeepSeekConfig, 'thinkingUnsaid'>): (model: string) => Partial<Dialect> {
  const dialect: Partial<Dialect> = {
    ...compatibleDialect,
    reasoningField: 'reasoning_content',
    // Missing reasoning in a tool loop is a 400; `""` never is.
    reasoningReplay: 'always',
    thinking: 'thinking',
    thinkingUnsaid,
    effortField: 'reasoning_effort',
    efforts: { low: 'low', high: 'high', max: 'max', minimal: 'low', medium: 'high', xhigh: 'high' },
    parameters: ['temperature', 'top_p', 'logprobs', 'top_logprobs'],
    maxStopSequences: 16,
    responseFormat: 'json_object',
    userField: 'user_id',
    parallelToolCalls: false,
    // A forced choice beside thinking is refused by some versions.
    toolChoicesThinking: ['auto', 'none'],
    finishReasons: { insufficient_system_resource: 'overloaded' },
  };
  const blind = { ...dialect, images: false };
  return (model) => (SEES_IMAGES.test(model) ? dialect : blind);
}
