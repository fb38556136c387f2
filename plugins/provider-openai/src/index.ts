import { openaiChat } from '@signalbox/format-openai-chat';
import { commonProvider, credentialFor, defineProvider, requireKey } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { dialectFor } from './dialect.ts';

export type { OpenAiConfig } from './config.ts';

const FOREIGN_FIELDS = ['"reasoning_content"', '"reasoning_details"', '"reasoning"'];

/** OpenAI through Chat Completions. A Chat client's own body goes as it is; others are fitted to the model. */
export default defineProvider({
  id: 'openai',
  configSchema,
  create: (options) => {
    const { baseUrl, organization, project } = options;
    requireKey(options);
    const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`;
    const headers = {
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
      ...(project === undefined ? {} : { 'openai-project': project }),
      ...options.headers,
    };
    return {
      ...commonProvider(options),
      format: openaiChat.with(dialectFor),
      reasoningOrigin: 'openai',
      // Reasoning of other providers in the history is a 400 here: such a body is encoded, which leaves it out.
      acceptsVerbatim: ({ rawBody }) => !FOREIGN_FIELDS.some((field) => rawBody?.includes(field) === true),
      endpoint: (call) => ({
        url,
        headers: { authorization: `Bearer ${credentialFor(call, options) ?? ''}`, ...headers },
      }),
    };
  },
});
