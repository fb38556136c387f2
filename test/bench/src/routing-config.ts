import { mkdirSync, writeFileSync } from 'node:fs';
import { RESULTS_DIR, upstreamPath } from './gateway-config.ts';

/**
 * What is compared. `default`: route-scenarios that knows nothing but a default; `one`: route-scenarios with all of its
 * scenarios; `all`: that one with every other strategy around it.
 */
export const routingNames = ['default', 'one', 'all'] as const;
export type RoutingName = (typeof routingNames)[number];

/** A script that has no opinion, having looked at what a script would look at. */
const SCRIPT = `${RESULTS_DIR}routing-script.mjs`;
const SCRIPT_TEXT = `export default (exchange) => (exchange.headers['x-team'] === 'night' ? 'third/vendor/model' : undefined);\n`;

/** The model that is asked for: no strategy knows it by its name, so all of them are asked. */
export const ROUTED_MODEL = 'claude-opus-4-8';

const FIRST = 'first/{model}';
const PLANS = ['first/{model}', 'second/claude-sonnet-5', 'third/vendor/model'];

/** Each scenario goes where the default goes: what is measured is the way there. */
const SCENARIOS = {
  default: FIRST,
  background: FIRST,
  think: FIRST,
  longContext: FIRST,
  webSearch: FIRST,
  image: FIRST,
  compact: FIRST,
  subagent: FIRST,
  models: { fast: 'second/claude-haiku-4-5' },
};

/** Each has to look at the request to find that it does not apply: at its contents, too. */
const BEFORE: readonly unknown[] = [
  ['@signalbox/route-script', { file: SCRIPT }],
  [
    '@signalbox/route-rules',
    {
      rules: [
        { when: 'key == "night-shift" && between("22:00", "06:00")', to: 'third/vendor/model' },
        { when: 'model.fits("gpt-*") || header("x-team") == "research"', to: 'second/claude-sonnet-5' },
        { when: 'tokens > 150000 || tools.exists(t, t.fits("mcp__research__*"))', to: 'third/vendor/model' },
      ],
    },
  ],
  ['@signalbox/route-subagents', { agents: { Explore: 'second/claude-haiku-4-5', '*': 'second/claude-sonnet-5' } }],
];

const BEHIND: readonly unknown[] = [
  ['@signalbox/route-cost', { candidates: { 'first/*': PLANS } }],
  '@signalbox/route-latency',
  ['@signalbox/route-balance', { groups: { pool: { targets: ['second/claude-sonnet-5', 'third/vendor/model'] } } }],
  ['@signalbox/route-fallback', { fallbacks: { '*': ['third/vendor/model'] } }],
  '@signalbox/route-capability',
  '@signalbox/route-context',
  '@signalbox/route-affinity',
  '@signalbox/route-health',
  ['@signalbox/route-hedge', { maxPromptTokens: 100_000 }],
];

/**
 * Prices that cross, so that cost needs the length of the prompt, and windows that have fewer tokens than the body has bytes,
 * so that they need it, too: the first is large enough, the second is not. The first is the cheapest for this request.
 */
const KNOWN = {
  'first/*': { contextTokens: 96_000, prices: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 } },
  'second/*': { contextTokens: 24_000, prices: { input: 0.9, output: 40, cacheRead: 0.3, cacheWrite: 3.75 } },
  'third/*': { contextTokens: 128_000, prices: { input: 5, output: 25 }, capabilities: { images: false } },
};

/** Writes the config of one of them, in front of three providers that are one and the same. @returns the file. */
export function writeRoutingConfig(name: RoutingName, upstreamPort: number): string {
  const baseUrl = `http://127.0.0.1:${upstreamPort}${upstreamPath('anthropic-messages', 'whole')}`;
  const providers = ['first', 'second', 'third'].map((provider) => [
    '@signalbox/provider-anthropic',
    { name: provider, apiKey: 'bench-key', baseUrl },
  ]);
  const plugins = [
    '@signalbox/format-anthropic-messages',
    ...providers,
    [
      '@signalbox/model-catalogue',
      { overrides: KNOWN, refreshHours: 0, cacheFile: `${RESULTS_DIR}models-${name}.json` },
    ],
    ...(name === 'all' ? BEFORE : []),
    ['@signalbox/route-scenarios', name === 'default' ? { default: FIRST } : SCENARIOS],
    ...(name === 'all' ? BEHIND : []),
  ];
  mkdirSync(RESULTS_DIR, { recursive: true });
  writeFileSync(SCRIPT, SCRIPT_TEXT);
  const file = `${RESULTS_DIR}routing-${name}.jsonc`;
  writeFileSync(file, JSON.stringify({ server: { port: 0 }, plugins }, null, 2));
  return file;
}
