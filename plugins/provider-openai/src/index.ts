import { openaiChat } from '@signalbox/format-openai-chat';
import { madeUpIdMark, openaiResponses } from '@signalbox/format-openai-responses';
import {
  commonProvider,
  credentialFor,
  decodeModelList,
  defineProvider,
  ownKey,
  type ProviderCall,
  requireKey,
} from '@signalbox/kit';
import { configSchema } from './config.ts';
import { countsTokens, countTokensBody, refineCountError } from './count-tokens.ts';
import { chatDialectFor, responsesDialectFor } from './dialect.ts';
import { surfaceOf } from './surface.ts';

export type { OpenAiConfig } from './config.ts';

const FOREIGN_FIELDS = ['"reasoning_content"', '"reasoning_details"', '"reasoning"'];
const MADE_UP_ID = `_${madeUpIdMark}`;

/**
 * OpenAI, through Chat Completions or Responses. A client's own body goes as it is where its API is the one that is
 * called; others are fitted to the model.
 */
export default defineProvider({
  id: 'openai',
  configSchema,
  create: (options) => {
    const { organization, project } = options;
    requireKey(options);
    const baseUrl = options.baseUrl.replace(/\/+$/, '');
    const urls = { chat: `${baseUrl}/chat/completions`, responses: `${baseUrl}/responses` };
    const countUrl = `${urls.responses}/input_tokens`;
    const formats = { chat: openaiChat.with(chatDialectFor), responses: openaiResponses.with(responsesDialectFor) };
    const key = ownKey(options);
    const surface = (call: ProviderCall) =>
      call.operation === 'count-tokens' ? 'responses' : surfaceOf(options.surface, call);
    const headers = {
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
      ...(project === undefined ? {} : { 'openai-project': project }),
      ...options.headers,
    };
    return {
      ...commonProvider(options),
      format: options.surface === 'responses' ? formats.responses : formats.chat,
      formatFor: (call) => formats[surface(call)],
      reasoningOrigin: 'openai',
      acceptsVerbatim: (call) => (surface(call) === 'chat' ? !hasReasoning(call) : !hasGatewayState(call)),
      adaptsVerbatim: () => false,
      adaptBody: (body, { operation }) => (operation === 'count-tokens' ? countTokensBody(body) : body),
      countsTokens: countsTokens({ surface: options.surface, baseUrl }),
      refineError: refineCountError,
      endpoint: (call) => ({
        url: call.operation === 'count-tokens' ? countUrl : urls[surface(call)],
        headers: { authorization: `Bearer ${credentialFor(call, options) ?? ''}`, ...headers },
      }),
      // Ids alone. A caller's key is there only while it calls.
      ...(key === undefined
        ? {}
        : {
            fetchModels: async (ask) =>
              decodeModelList(
                await ask({ url: `${baseUrl}/models`, headers: { authorization: `Bearer ${key}`, ...headers } }),
              ),
          }),
    };
  },
});

/** Reasoning in the history, always another provider's, is a 400 on Chat: such a body is encoded, which leaves it out. */
function hasReasoning({ rawBody }: ProviderCall): boolean {
  return FOREIGN_FIELDS.some((field) => rawBody?.includes(field) === true);
}

/** Reasoning of other providers, and ids that no server has given: both are a 400, and left out of an encoded body. */
function hasGatewayState({ holdsGatewayMarks, rawBody }: ProviderCall): boolean {
  return holdsGatewayMarks === true || rawBody?.includes(MADE_UP_ID) === true;
}
