import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import { definePreset, type Plugin, type PresetEntry } from '@signalbox/kit';
import logPino from '@signalbox/log-pino';
import anthropic from '@signalbox/provider-anthropic';
import deepseek from '@signalbox/provider-deepseek';
import demo from '@signalbox/provider-demo';
import openai from '@signalbox/provider-openai';
import openrouter from '@signalbox/provider-openrouter';
import routeScenarios from '@signalbox/route-scenarios';
import maxTokens from '@signalbox/transform-max-tokens';
import { configSchema } from './config.ts';
import { describeEnvironment, type KeyedProvider } from './environment.ts';
import { routesFor } from './routes.ts';

export type { PresetConfig } from './config.ts';
export { describeEnvironment, type FoundProvider, KEY_VARIABLES, type KeyedProvider } from './environment.ts';

const PROVIDERS: Readonly<Record<KeyedProvider, Plugin>> = { anthropic, openrouter, deepseek, openai };

/**
 * What a gateway without a config file runs: both client formats, every provider whose key is in the environment, the
 * demo provider, routes by model name, and a log line per exchange.
 */
export default definePreset({
  name: 'preset-default',
  configSchema,
  plugins: ({ log }, { env }) => {
    const found = describeEnvironment(env);
    const providers = found.map(
      ({ name, variable }): PresetEntry => [PROVIDERS[name], { apiKey: env[variable]?.trim() }],
    );
    const routes = routesFor(found.map(({ name }) => name));
    return [
      [anthropicMessages],
      [openaiChat],
      ...providers,
      [demo],
      [routeScenarios, { ...routes }],
      [maxTokens],
      ...(log ? [[logPino, { level: 'info', destination: 'stderr' }] as const] : []),
    ];
  },
});
