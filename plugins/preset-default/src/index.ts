import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { gemini as geminiFormat } from '@signalbox/format-gemini';
import { ollama as ollamaFormat } from '@signalbox/format-ollama';
import { openaiChat } from '@signalbox/format-openai-chat';
import { openaiResponses } from '@signalbox/format-openai-responses';
import { definePreset, type Plugin, type PresetEntry } from '@signalbox/kit';
import logPino from '@signalbox/log-pino';
import modelCatalogue from '@signalbox/model-catalogue';
import anthropic from '@signalbox/provider-anthropic';
import deepseek from '@signalbox/provider-deepseek';
import demo from '@signalbox/provider-demo';
import gemini from '@signalbox/provider-gemini';
import ollama from '@signalbox/provider-ollama';
import openai from '@signalbox/provider-openai';
import openrouter from '@signalbox/provider-openrouter';
import routeScenarios from '@signalbox/route-scenarios';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import maxTokens from '@signalbox/transform-max-tokens';
import responseStore from '@signalbox/transform-response-store';
import stablePrefix from '@signalbox/transform-stable-prefix';
import toolCheck from '@signalbox/transform-tool-check';
import { configSchema } from './config.ts';
import { describeEnvironment, type KeyedProvider } from './environment.ts';
import { findOllama } from './local-ollama.ts';
import { routesFor } from './routes.ts';

export type { PresetConfig } from './config.ts';
export { describeEnvironment, type FoundProvider, KEY_VARIABLES, type KeyedProvider } from './environment.ts';

const PROVIDERS: Readonly<Record<KeyedProvider, Plugin>> = { anthropic, openrouter, deepseek, openai, gemini };

/**
 * What a gateway without a config file runs: all client formats, every provider whose key is in the environment, a local
 * Ollama if one answers, the demo provider, a catalogue of models, routes by model name, prompts that caches can hold, what
 * clients cannot carry from turn to turn, notes about tool calls that do not fit, and a log line per exchange.
 */
export default definePreset({
  name: 'preset-default',
  configSchema,
  plugins: async ({ log }, { env }) => {
    const found = describeEnvironment(env);
    const local = await findOllama(env);
    const providers = found.map(
      ({ name, variable }): PresetEntry => [PROVIDERS[name], { apiKey: env[variable]?.trim() }],
    );
    const routes = routesFor(
      found.map(({ name }) => name),
      local?.models,
    );
    return [
      [anthropicMessages],
      [openaiChat],
      [openaiResponses],
      [geminiFormat],
      [ollamaFormat],
      [modelCatalogue],
      ...providers,
      ...(local === undefined ? [] : [[ollama, { baseUrl: local.baseUrl }] as const]),
      [demo],
      [routeScenarios, { ...routes }],
      [maxTokens],
      [stablePrefix],
      [responseStore],
      [keepReasoning],
      [toolCheck],
      ...(log ? [[logPino, { level: 'info', destination: 'stderr' }] as const] : []),
    ];
  },
});
