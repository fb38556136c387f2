import type { Timeouts } from '@signalbox/kit';
import providerAnthropic from '@signalbox/provider-anthropic';
import providerCompatible from '@signalbox/provider-compatible';
import providerDeepseek from '@signalbox/provider-deepseek';
import { json, providerError, type Responder, type ScriptedProvider } from '@signalbox/testkit';
import type { ChatDialect } from './chat-shape.ts';
import type { GatewayOptions } from './gateway.ts';

/** The key that the gateway has for its provider; a client never sees it. */
export const PROVIDER_KEY = 'provider-key-4711';

/** A scripted provider in one format, behind the plugin that a user would configure. */
export interface ProviderSide {
  readonly name: string;
  readonly format: 'openai-chat' | 'anthropic-messages';
  /** What its requests have beyond OpenAI's own. */
  readonly dialect: ChatDialect;
  readonly seesImages: boolean;
  /** Answers whatever is no chat: token counts, where the provider has them. */
  readonly countTokens: Responder;
  gateway(provider: ScriptedProvider, timeouts?: Partial<Timeouts>): GatewayOptions;
}

const noTokenCounts = providerError(404, { message: 'no such endpoint' });

export const CHAT_SIDE: ProviderSide = {
  name: 'provider-compatible',
  format: 'openai-chat',
  dialect: { messageFields: ['reasoning_content'] },
  seesImages: true,
  countTokens: noTokenCounts,
  gateway: ({ url }, timeouts = {}) => ({
    plugins: [
      [
        providerCompatible,
        {
          name: 'scripted',
          format: 'openai-chat',
          baseUrl: `${url}/v1`,
          apiKey: PROVIDER_KEY,
          models: ['upstream-model'],
          timeouts,
        },
      ],
    ],
    target: 'scripted/upstream-model',
  }),
};

export const DEEPSEEK_SIDE: ProviderSide = {
  name: 'provider-deepseek',
  format: 'openai-chat',
  dialect: { fields: ['thinking', 'user_id'], messageFields: ['reasoning_content', 'prefix'] },
  seesImages: false,
  countTokens: noTokenCounts,
  gateway: ({ url }, timeouts = {}) => ({
    plugins: [
      [
        providerDeepseek,
        { name: 'scripted', baseUrl: url, apiKey: PROVIDER_KEY, models: ['upstream-model'], timeouts },
      ],
    ],
    target: 'scripted/upstream-model',
  }),
};

export const ANTHROPIC_SIDE: ProviderSide = {
  name: 'provider-anthropic',
  format: 'anthropic-messages',
  dialect: {},
  seesImages: true,
  countTokens: json(200, { input_tokens: 321 }),
  gateway: ({ url }, timeouts = {}) => ({
    plugins: [
      [
        providerAnthropic,
        { name: 'scripted', baseUrl: url, apiKey: PROVIDER_KEY, models: ['upstream-model'], timeouts },
      ],
    ],
    target: 'scripted/upstream-model',
  }),
};
