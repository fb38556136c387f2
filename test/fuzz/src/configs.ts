import type { JsonObject, JsonValue } from '@signalbox/kit';

/** What a config calls a secret: no error may repeat it, wherever it came from. */
export const SECRET = 'sk-fuzz-0123456789-secret';
/** The environment of a config; a variable may hold what nobody expects. */
export const ENVIRONMENT = {
  FUZZ_KEY: `${SECRET}-of-the-environment`,
  PORT: '4000',
  YES: 'true',
  EMPTY: '',
  WORD: 'a "word"\n',
  OLLAMA_HOST: '127.0.0.1:1',
};

const TIMEOUTS = { connectMs: 1_000, headersMs: 1_000, firstEventMs: 1_000, idleMs: 1_000, totalMs: 10_000 };
const NOWHERE = 'http://127.0.0.1:1';

/** Plugins with most of their options. */
const ENTRIES: readonly JsonValue[] = [
  '@signalbox/format-anthropic-messages',
  '@signalbox/format-openai-chat',
  ['@signalbox/format-openai-responses'],
  ['@signalbox/auth-api-key', { keys: [{ key: '${FUZZ_KEY}', name: 'me' }, SECRET] }],
  ['@signalbox/model-catalogue', { providers: { work: 'openai' }, refreshHours: 0, cacheFile: './models.json' }],
  [
    '@signalbox/provider-openrouter',
    {
      apiKey: '${FUZZ_KEY}',
      provider: { sort: 'price', order: ['a'], max_price: { prompt: 1 }, quantizations: ['fp8'] },
      models: ['x'],
    },
  ],
  ['@signalbox/provider-openai', { apiKeys: [SECRET, '${FUZZ_KEY}'], surface: 'auto', timeouts: TIMEOUTS }],
  ['@signalbox/provider-anthropic', { apiKey: SECRET, headers: { 'x-a': 'b' }, strict: true }],
  [
    '@signalbox/provider-compatible',
    {
      name: 'local',
      baseUrl: `\${LOCAL:-${NOWHERE}/v1}`,
      format: 'openai-chat',
      query: { 'api-version': '1' },
      headers: { 'x-secret': SECRET },
      modelTimeouts: { '*-pro': { idleMs: 1_000 } },
      errors: [{ status: [403], wording: 'no credits left', means: 'billing' }],
    },
  ],
  ['@signalbox/provider-ollama', { name: 'here', baseUrl: NOWHERE, numCtx: 8_192, keepAlive: '5m' }],
  ['@signalbox/provider-bedrock', { region: 'eu-central-1', apiKey: SECRET, baseModels: { 'arn:*': 'anthropic.x' } }],
  ['@signalbox/provider-gemini', { apiKey: SECRET }],
  '@signalbox/provider-demo',
  ['@signalbox/limit-rate', { clients: { '*': { requestsPerMinute: 60 } }, targets: { 'here/*': { concurrent: 1 } } }],
  [
    '@signalbox/route-scenarios',
    {
      default: 'openai/gpt-5.5',
      background: 'here/qwen3:4b',
      longContext: { target: 'anthropic/x', thresholdTokens: 60_000 },
      models: { 'claude-*': 'anthropic/claude-*', 'gpt-*': 'openai/gpt-*' },
      order: ['think'],
    },
  ],
  [
    '@signalbox/route-rules',
    {
      rules: [
        { name: 'night', when: "between('22:00', '06:00', 'Europe/Berlin')", to: ['here/qwen3', 'openai/x'] },
        { when: 'tokens > 120000 || images', to: 'anthropic/x', overrules: true },
        { when: "header('x-team') == 'search'", to: [{ target: 'openai/{model}', weight: 9 }] },
        { when: "model.fits('claude-*')", to: 'anthropic/{model}' },
      ],
    },
  ],
  ['@signalbox/route-subagents', { agents: { Explore: 'openai/x' }, prompts: [{ includes: 'a', target: 'here/x' }] }],
  [
    '@signalbox/route-balance',
    { groups: { fast: { targets: [{ target: 'openai/x', weight: 3 }, 'here/y'], policy: 'fastest' } } },
  ],
  ['@signalbox/route-fallback', { fallbacks: { 'anthropic/*': ['openai/{model}'] }, retry: { maxRetries: 2 } }],
  ['@signalbox/route-context', { larger: { 'openai/*': ['anthropic/x'] }, margin: 1.1 }],
  ['@signalbox/route-cost', { candidates: 'auto', expectedOutputTokens: 10 }],
  ['@signalbox/route-latency', { percentile: 'p95', explore: 0.1 }],
  ['@signalbox/route-health', { consecutiveFailures: 3, on: ['PROVIDER_UNREACHABLE'] }],
  ['@signalbox/route-hedge', { afterMs: 2_000, share: 0.2 }],
  ['@signalbox/route-affinity', { ttl: '1h', headers: ['x-mine'] }],
  '@signalbox/route-capability',
  ['@signalbox/transform-max-tokens', { limits: { 'here/*': 8_192 }, default: 100 }],
  ['@signalbox/transform-stable-prefix', { except: ['here'], clock: 'keep' }],
  ['@signalbox/transform-tool-repair', { repairs: ['trailing-commas'], targets: ['here/*'] }],
  ['@signalbox/transform-tool-check', { targets: ['openai/*'] }],
  ['@signalbox/transform-keep-reasoning', { ttlMinutes: 10, sameFormat: ['openai'] }],
  ['@signalbox/transform-response-store', { maxEntries: 10 }],
  ['@signalbox/log-pino', { level: 'silent', destination: 'stderr' }],
];

const SERVER: JsonObject = { port: '${PORT}', host: '127.0.0.1', allowedHosts: ['a.test'], maxBodyBytes: 2_048 };

/** A config that is in order: some of the plugins, in their order. `some` says of each whether it is there. */
export function anyConfig(some: () => boolean): JsonObject {
  return { server: SERVER, plugins: ENTRIES.filter(some) };
}
