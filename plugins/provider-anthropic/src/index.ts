import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { commonProvider, defineProvider, ownKey, requireKey } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { countTokensBody } from './count-tokens.ts';
import { credentials, keyHeaders } from './credentials.ts';
import { fetchModels } from './models.ts';
import { protocolHeaders } from './protocol.ts';
import { hasOnlyOwnReasoning } from './verbatim.ts';

export type { AnthropicConfig } from './config.ts';

/** As Anthropic itself speaks it. */
const format = anthropicMessages.with({ webSearch: true });

/** Anthropic's own API: messages and token counts. */
export default defineProvider({
  id: 'anthropic',
  configSchema,
  create: (options) => {
    requireKey(options);
    const base = options.baseUrl.replace(/(\/v1)?\/*$/, '');
    const messagesUrl = `${base}/v1/messages`;
    const key = ownKey(options);
    return {
      ...commonProvider(options),
      format,
      reasoningOrigin: 'anthropic',
      countsTokens: true,
      // The API takes names of up to 128 characters, which long MCP tool names need.
      toolNames: { maxLength: 128 },
      endpoint: (call) => {
        const { headers, beta } = credentials(call, options);
        return {
          url: call.operation === 'count-tokens' ? `${messagesUrl}/count_tokens` : messagesUrl,
          headers: { ...headers, ...protocolHeaders(call, options.version, beta), ...options.headers },
        };
      },
      acceptsVerbatim: hasOnlyOwnReasoning,
      adaptsVerbatim: () => false,
      adaptBody: (body, { operation }) => (operation === 'count-tokens' ? countTokensBody(body) : body),
      // A caller's key is there only while it calls.
      ...(key === undefined
        ? {}
        : {
            fetchModels: (ask) =>
              fetchModels(ask, {
                url: `${base}/v1/models`,
                headers: { ...keyHeaders(key), 'anthropic-version': options.version, ...options.headers },
              }),
          }),
    };
  },
});
