import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import type { HttpProvider } from '@signalbox/kit';
import type { DeepSeekConfig } from './config.ts';
import { dialectFor } from './dialect.ts';

/** One of DeepSeek's two surfaces: its format, its URL, and what of a client's own body it can do without translation. */
export type Surface = Pick<HttpProvider, 'format' | 'acceptsVerbatim'> & {
  readonly url: string;
  readonly modelsUrl: string;
};

export function surfaceFor(options: DeepSeekConfig): Surface {
  const base = options.baseUrl.replace(/(\/v1)?\/*$/, '');
  const root = base.replace(/\/anthropic$/, '');
  const modelsUrl = `${root}/models`;
  if (options.skin === 'chat') {
    return {
      format: openaiChat.with(dialectFor(options)),
      url: `${base}/chat/completions`,
      modelsUrl,
      // `developer`, `max_completion_tokens`, `json_schema`, part lists and a missing `reasoning_content` need a hand.
      acceptsVerbatim: () => false,
    };
  }
  return {
    format: anthropicMessages.with({
      extraFields: [],
      cacheControl: false,
      documents: false,
      redactedThinking: false,
      unsignedThinking: true,
      // Missing thinking in a tool loop is a 400; an empty one never is.
      noThinking: '',
      attributionBlock: false,
      midConversationSystem: false,
    }),
    url: `${root}/anthropic/v1/messages`,
    modelsUrl,
    // Documents, redacted thinking, foreign fields and the attribution block have to be adapted.
    acceptsVerbatim: () => false,
  };
}
