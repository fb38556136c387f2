import type { Profile } from './profile.ts';

/** Its codes say what an error means; the status of nearly all of them is 429. */
export const glm: Profile = {
  id: 'glm',
  title: 'Zhipu GLM (Z.AI)',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  alsoAt: ['https://open.bigmodel.cn/api/paas/v4'],
  anthropicBaseUrl: 'https://api.z.ai/api/anthropic',
  key: 'required',
  listsModels: false,
  verbatim: false,
  like: 'compatible',
  dialect: {
    reasoningField: 'reasoning_content',
    reasoningReplay: 'own',
    thinking: 'thinking',
    thinkingUnsaid: 'disabled',
    // Otherwise it forgets the reasoning that is sent back.
    thinkingOptions: { clear_thinking: false },
    effortField: 'none',
    midSystem: 'fold',
    images: false,
    needsUserMessage: true,
    parameters: ['temperature', 'top_p', 'do_sample', 'request_id'],
    maxTemperature: 1,
    maxStopSequences: 1,
    streamUsage: false,
    responseFormat: 'json_object',
    userField: 'user_id',
    extraBodyWithTools: { tool_stream: true },
    parallelToolCalls: false,
    toolChoices: ['auto'],
    finishReasons: {
      sensitive: 'refusal',
      network_error: 'failed',
      model_context_window_exceeded: 'context-window-exceeded',
    },
    errorMeanings: {
      1000: 'auth',
      1001: 'auth',
      1002: 'auth',
      1003: 'auth',
      1004: 'auth',
      1113: 'billing',
      1121: 'auth',
      1210: 'invalid',
      1211: 'model-not-found',
      1213: 'invalid',
      1214: 'invalid',
      1261: 'context-overflow',
      1301: 'content-refused',
      1302: 'rate-limit',
      1303: 'rate-limit',
      1304: 'quota',
      1305: 'overloaded',
      1308: 'quota',
      1309: 'billing',
      1310: 'quota',
      1311: 'quota',
      1313: 'quota',
    },
  },
  models: [
    { names: ['glm-*v', 'glm-*v-*'], dialect: { images: true } },
    {
      names: ['glm-5.2*', 'glm-5.3*'],
      dialect: {
        effortField: 'reasoning_effort',
        efforts: { low: 'low', medium: 'high', high: 'high', xhigh: 'high', max: 'max' },
      },
    },
    { names: ['glm-5.3*'], dialect: { alwaysThinks: true, thinkingUnsaid: 'omit' } },
  ],
  // The Anthropic surface wraps the same codes.
  errors: [
    { wording: '"code":\\s*"?(?:1113|1309)\\b', means: 'billing' },
    { wording: '"code":\\s*"?(?:1304|1308|1310|1311|1313)\\b', means: 'quota' },
    { wording: '"code":\\s*"?1305\\b', means: 'overloaded' },
  ],
  docs: 'https://docs.z.ai/api-reference/api-code',
};

/** The same for keys of a coding subscription, which the general endpoint answers with 1113. */
export const glmCoding: Profile = {
  ...glm,
  id: 'glm-coding',
  title: 'Zhipu GLM coding plan',
  baseUrl: 'https://api.z.ai/api/coding/paas/v4',
  alsoAt: ['https://open.bigmodel.cn/api/coding/paas/v4'],
};
