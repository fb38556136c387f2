import type { JsonObject, Usage } from '@signalbox/kit';

/** What one profile makes of the same request, reply and errors as all others. */
export interface ProfileCase {
  readonly profile: string;
  readonly url?: string;
  readonly headers?: object;
  /** By model: the body but for its messages and tools, with fields that all of them have left out. */
  readonly bodies: Readonly<Record<string, JsonObject>>;
  /** The assistant message of the history, by model, where it is not the plain one. */
  readonly assistants?: Readonly<Record<string, JsonObject>>;
  readonly usage: readonly (readonly [wire: JsonObject, usage: Usage])[];
  readonly errors: readonly (readonly [status: number, body: unknown, code: string])[];
}

/** What every one of them sends. */
export const COMMON = { stream: true, stop: ['END', 'FIN'], response_format: { type: 'json_object' } };
/** In place of a field that all others send. */
const NOT = undefined as unknown as null;

const CACHED = {
  wire: {
    prompt_tokens: 90,
    completion_tokens: 40,
    total_tokens: 130,
    prompt_tokens_details: { cached_tokens: 60 },
  },
  usage: { promptTokens: 90, completionTokens: 40, cacheReadTokens: 60 },
} as const;
const cached = [CACHED.wire, CACHED.usage] as const;

const openaiError = (message: string, type: string, code: string | null = null) => ({ error: { message, type, code } });
const glmError = (code: string) => ({ error: { code, message: 'no' } });

export const CASES: readonly ProfileCase[] = [
  {
    profile: 'groq',
    url: 'https://api.groq.com/openai/v1/chat/completions',
    bodies: {
      'openai/gpt-oss-120b': {
        include_reasoning: true,
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        reasoning_effort: 'high',
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
      'qwen/qwen3-32b': {
        reasoning_format: 'parsed',
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        reasoning_effort: 'default',
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
      'llama-3.3-70b-versatile': {
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
    },
    assistants: { 'openai/gpt-oss-120b': { reasoning: 'Look.' } },
    usage: [cached],
    errors: [
      [400, openaiError('Failed to call a function', 'invalid_request_error', 'tool_use_failed'), 'PROVIDER_FAILED'],
      [400, openaiError('API access is blocked', 'invalid_request_error', 'blocked_api_access'), 'PROVIDER_BILLING'],
      [429, openaiError('You have reached your spend limit', 'x'), 'PROVIDER_BILLING'],
      [
        400,
        openaiError('Organization has been restricted.', 'invalid_request_error', 'organization_restricted'),
        'PROVIDER_AUTH',
      ],
      [429, openaiError('Rate limit reached', 'tokens', 'rate_limit_exceeded'), 'RATE_LIMITED'],
      [498, openaiError('capacity exceeded', 'x'), 'PROVIDER_OVERLOADED'],
    ],
  },
  {
    profile: 'mistral',
    url: 'https://api.mistral.ai/v1/chat/completions',
    bodies: {
      'mistral-large-latest': {
        random_seed: 7,
        max_tokens: 32_000,
        temperature: 1.5,
        tool_choice: 'required',
        parallel_tool_calls: true,
      },
      'mistral-small-latest': {
        random_seed: 7,
        max_tokens: 32_000,
        temperature: 1.5,
        reasoning_effort: 'high',
        tool_choice: 'required',
        parallel_tool_calls: true,
      },
      'magistral-medium-latest': {
        prompt_mode: 'reasoning',
        random_seed: 7,
        max_tokens: 32_000,
        temperature: 1.5,
        tool_choice: 'required',
        parallel_tool_calls: true,
      },
    },
    assistants: {
      'mistral-large-latest': {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Look.' }] },
          { type: 'text', text: 'Reading.' },
        ],
        tool_calls: [{ id: 'K4kIUoMjF', type: 'function', function: { name: 'Read', arguments: '{}' } }],
      },
    },
    usage: [
      [
        { prompt_tokens: 90, completion_tokens: 40, num_cached_tokens: 60 },
        { promptTokens: 90, completionTokens: 40, cacheReadTokens: 60 },
      ],
    ],
    errors: [
      [
        429,
        { object: 'error', message: 'Service tier capacity exceeded for this model.', code: '3505' },
        'PROVIDER_OVERLOADED',
      ],
      [429, { message: 'Service tier capacity exceeded for this model.' }, 'PROVIDER_OVERLOADED'],
      [422, { detail: [{ loc: ['body', 'top_k'], msg: 'Extra inputs are not permitted' }] }, 'PROVIDER_REJECTED'],
      [401, { detail: 'Unauthorized' }, 'PROVIDER_AUTH'],
    ],
  },
  {
    profile: 'xai',
    url: 'https://api.x.ai/v1/chat/completions',
    bodies: {
      'grok-4.6': {
        stop: NOT,
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        reasoning_effort: 'high',
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
      'grok-code-fast-1': {
        stop: NOT,
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
      'grok-4-fast-non-reasoning': {
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
    },
    usage: [
      // Reasoning comes on top.
      [
        {
          prompt_tokens: 90,
          completion_tokens: 10,
          total_tokens: 130,
          completion_tokens_details: { reasoning_tokens: 30 },
        },
        { promptTokens: 90, completionTokens: 40, reasoningTokens: 30 },
      ],
    ],
    errors: [
      [
        403,
        {
          code: 'The caller does not have permission to execute the specified operation',
          error: 'Your newly created teams doesn’t have any credits yet.',
        },
        'PROVIDER_BILLING',
      ],
      [
        429,
        { code: 'Some resource has been exhausted', error: 'Your team has either used all available credits or more.' },
        'PROVIDER_BILLING',
      ],
      [
        403,
        { code: 'personal-team-blocked:spending-limit', error: 'You have run out of credits or need a subscription.' },
        'PROVIDER_BILLING',
      ],
      [
        400,
        { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: ke***ts' },
        'PROVIDER_AUTH',
      ],
      [403, { code: 'x', error: 'Content violates usage guidelines.' }, 'CONTENT_REFUSED'],
      [403, { code: 'x', error: 'The team is not authorized.' }, 'PROVIDER_AUTH'],
    ],
  },
  {
    profile: 'moonshot',
    url: 'https://api.moonshot.ai/v1/chat/completions',
    bodies: {
      'kimi-k3': {
        max_completion_tokens: 32_000,
        reasoning_effort: 'high',
        tool_choice: 'required',
        parallel_tool_calls: true,
        stream_options: { include_usage: true },
      },
      'kimi-k2.6': {
        max_completion_tokens: 32_000,
        thinking: { type: 'enabled' },
        tool_choice: 'auto',
        parallel_tool_calls: true,
        stream_options: { include_usage: true },
      },
      'moonshot-v1-128k': {
        max_completion_tokens: 32_000,
        temperature: 1,
        tool_choice: 'required',
        parallel_tool_calls: true,
        stream_options: { include_usage: true },
      },
    },
    assistants: { 'kimi-k3': { reasoning_content: 'Look.' }, 'kimi-k2.6': { reasoning_content: 'Look.' } },
    usage: [
      [
        { prompt_tokens: 90, completion_tokens: 40, cached_tokens: 60 },
        { promptTokens: 90, completionTokens: 40, cacheReadTokens: 60 },
      ],
    ],
    errors: [
      [429, openaiError('Your account is in arrears', 'exceeded_current_quota_error'), 'PROVIDER_BILLING'],
      [
        429,
        openaiError('Your account is suspended, please recharge: insufficient balance', 'rate_limit'),
        'PROVIDER_BILLING',
      ],
      [429, openaiError('busy', 'engine_overloaded_error'), 'PROVIDER_OVERLOADED'],
      [429, openaiError('slow down', 'rate_limit_reached_error'), 'RATE_LIMITED'],
      [400, openaiError('high risk', 'content_filter'), 'CONTENT_REFUSED'],
    ],
  },
  {
    profile: 'glm',
    url: 'https://api.z.ai/api/paas/v4/chat/completions',
    bodies: {
      'glm-4.7': {
        stop: 'END',
        max_tokens: 32_000,
        temperature: 1,
        thinking: { type: 'enabled', clear_thinking: false },
        tool_stream: true,
        tool_choice: 'auto',
        user_id: 'someone',
      },
      'glm-5.3': {
        stop: 'END',
        max_tokens: 32_000,
        temperature: 1,
        thinking: { type: 'enabled', clear_thinking: false },
        reasoning_effort: 'high',
        tool_stream: true,
        tool_choice: 'auto',
        user_id: 'someone',
      },
    },
    assistants: { 'glm-4.7': { reasoning_content: 'Look.' } },
    usage: [cached],
    errors: [
      [429, glmError('1113'), 'PROVIDER_BILLING'],
      [429, glmError('1309'), 'PROVIDER_BILLING'],
      [429, glmError('1308'), 'QUOTA_EXHAUSTED'],
      [429, glmError('1302'), 'RATE_LIMITED'],
      [429, glmError('1305'), 'PROVIDER_OVERLOADED'],
      [400, glmError('1211'), 'MODEL_NOT_FOUND'],
      [400, glmError('1261'), 'CONTEXT_OVERFLOW'],
      [400, glmError('1301'), 'CONTENT_REFUSED'],
      [401, glmError('1002'), 'PROVIDER_AUTH'],
      [429, glmError('11130'), 'RATE_LIMITED'],
    ],
  },
  {
    profile: 'glm-coding',
    url: 'https://api.z.ai/api/coding/paas/v4/chat/completions',
    bodies: {
      'glm-5.2': {
        stop: 'END',
        max_tokens: 32_000,
        temperature: 1,
        thinking: { type: 'enabled', clear_thinking: false },
        reasoning_effort: 'high',
        tool_stream: true,
        tool_choice: 'auto',
        user_id: 'someone',
      },
    },
    usage: [cached],
    errors: [[429, glmError('1310'), 'QUOTA_EXHAUSTED']],
  },
  {
    profile: 'qwen',
    url: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions',
    bodies: {
      'qwen3.5-plus': {
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        enable_thinking: true,
        parallel_tool_calls: true,
        tool_choice: 'auto',
        stream_options: { include_usage: true },
      },
      'qwen3-coder-plus': {
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        parallel_tool_calls: true,
        tool_choice: 'required',
        stream_options: { include_usage: true },
      },
      'qwq-plus': {
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        parallel_tool_calls: true,
        tool_choice: 'auto',
        stream_options: { include_usage: true },
      },
    },
    usage: [
      [
        {
          prompt_tokens: 90,
          completion_tokens: 40,
          prompt_tokens_details: { cached_tokens: 60, cache_creation_input_tokens: 20 },
        },
        { promptTokens: 90, completionTokens: 40, cacheReadTokens: 60, cacheWriteTokens: 20 },
      ],
    ],
    errors: [
      [400, openaiError('Access denied, please make sure your account', 'Arrearage', 'Arrearage'), 'PROVIDER_BILLING'],
      [400, openaiError('make sure your account is in good standing', 'x'), 'PROVIDER_BILLING'],
      [403, openaiError('used up', 'AllocationQuota.FreeTierOnly', 'AllocationQuota.FreeTierOnly'), 'QUOTA_EXHAUSTED'],
      [403, openaiError('The free tier of the model has been exhausted.', 'x'), 'QUOTA_EXHAUSTED'],
      [429, openaiError('Request rate increased too quickly', 'limit', 'Throttling.BurstRate'), 'RATE_LIMITED'],
      [400, openaiError('inappropriate', 'data_inspection_failed', 'data_inspection_failed'), 'CONTENT_REFUSED'],
    ],
  },
  {
    profile: 'azure-openai',
    url: 'https://r.openai.azure.com/chat/completions',
    headers: { 'api-key': 'key-for-tests' },
    bodies: {
      'gpt-5.1': {
        stop: NOT,
        seed: 7,
        max_completion_tokens: 32_000,
        reasoning_effort: 'high',
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
      'gpt-4o': {
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
    },
    usage: [cached],
    errors: [
      [
        400,
        {
          error: { message: 'filtered', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } },
        },
        'CONTENT_REFUSED',
      ],
      [404, openaiError('The API deployment does not exist.', 'x', 'DeploymentNotFound'), 'MODEL_NOT_FOUND'],
      [429, openaiError('You exceeded your current quota', 'insufficient_quota'), 'QUOTA_EXHAUSTED'],
      [403, openaiError('The subscription is disabled.', 'x', '403'), 'PROVIDER_BILLING'],
      [401, openaiError('Access denied due to invalid key', 'x', '401'), 'PROVIDER_AUTH'],
    ],
  },
  {
    profile: 'azure-openai-classic',
    url: 'https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    headers: { 'api-key': 'key-for-tests' },
    bodies: {
      'gpt-4o': {
        seed: 7,
        max_completion_tokens: 32_000,
        temperature: 1.8,
        tool_choice: 'required',
        parallel_tool_calls: true,
        user: 'someone',
        stream_options: { include_usage: true },
      },
    },
    usage: [cached],
    errors: [[404, openaiError('Resource not found', 'x', '404'), 'MODEL_NOT_FOUND']],
  },
  {
    profile: 'lm-studio',
    url: 'http://localhost:1234/v1/chat/completions',
    bodies: {
      'qwen3-8b': {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'response', schema: { type: 'object' } },
        },
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        tool_choice: 'required',
        stream_options: { include_usage: true },
      },
    },
    usage: [cached],
    errors: [[400, { error: 'Model not loaded' }, 'PROVIDER_REJECTED']],
  },
  {
    profile: 'vllm',
    url: 'http://localhost:8000/v1/chat/completions',
    bodies: {
      'Qwen/Qwen3-32B': {
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        chat_template_kwargs: { enable_thinking: true },
        tool_choice: 'required',
        parallel_tool_calls: true,
        stream_options: { include_usage: true },
      },
      'openai/gpt-oss-20b': {
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        reasoning_effort: 'high',
        tool_choice: 'required',
        parallel_tool_calls: true,
        stream_options: { include_usage: true },
      },
    },
    assistants: { 'Qwen/Qwen3-32B': { reasoning: 'Look.' }, 'openai/gpt-oss-20b': { reasoning: 'Look.' } },
    usage: [cached],
    errors: [
      [
        400,
        {
          object: 'error',
          message: 'This model’s maximum context length is 8192 tokens. However, you requested 9000 tokens',
          type: 'BadRequestError',
          code: 400,
        },
        'CONTEXT_OVERFLOW',
      ],
    ],
  },
  {
    profile: 'llama-cpp',
    url: 'http://localhost:8080/v1/chat/completions',
    bodies: {
      any: {
        seed: 7,
        max_tokens: 32_000,
        temperature: 1.8,
        top_k: 5,
        chat_template_kwargs: { enable_thinking: true },
        parallel_tool_calls: true,
        tool_choice: 'required',
        stream_options: { include_usage: true },
      },
    },
    assistants: { any: { reasoning_content: 'Look.' } },
    usage: [cached],
    errors: [
      [
        400,
        { error: { code: 400, message: 'too long', type: 'exceed_context_size_error', n_prompt_tokens: 9, n_ctx: 8 } },
        'CONTEXT_OVERFLOW',
      ],
      [503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'PROVIDER_OVERLOADED'],
    ],
  },
];
