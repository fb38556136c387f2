import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import formatResponses from '@signalbox/format-openai-responses';
import providerGemini from '@signalbox/provider-gemini';
import providerOllama from '@signalbox/provider-ollama';
import providerOpenai from '@signalbox/provider-openai';
import type { ScriptedProvider } from '@signalbox/testkit';
import type { GatewayOptions, PluginEntry } from './gateway.ts';
import { ANTHROPIC_SIDE, CHAT_SIDE, PROVIDER_KEY } from './lanes.ts';

/** A scripted provider in one of the five formats, behind a gateway that takes clients of all five. */
export interface AgentSide {
  readonly name: string;
  readonly format: 'openai-chat' | 'anthropic-messages' | 'openai-responses' | 'gemini' | 'ollama';
  gateway(provider: ScriptedProvider): GatewayOptions;
}

const FORMATS: readonly PluginEntry[] = [[formatResponses], [formatGemini], [formatOllama]];
const TARGET = 'scripted/upstream-model';

function side(
  name: string,
  format: AgentSide['format'],
  pluginFor: (provider: ScriptedProvider) => readonly PluginEntry[],
): AgentSide {
  return {
    name,
    format,
    gateway: (provider) => ({ plugins: [...FORMATS, ...pluginFor(provider)], target: TARGET }),
  };
}

export const CHAT = side(CHAT_SIDE.name, 'openai-chat', (provider) => CHAT_SIDE.gateway(provider).plugins);

export const ANTHROPIC = side(
  ANTHROPIC_SIDE.name,
  'anthropic-messages',
  (provider) => ANTHROPIC_SIDE.gateway(provider).plugins,
);

export const RESPONSES = side('provider-openai', 'openai-responses', ({ url }) => [
  [
    providerOpenai,
    { name: 'scripted', surface: 'responses', baseUrl: `${url}/v1`, apiKey: PROVIDER_KEY, models: ['upstream-model'] },
  ],
]);

export const GEMINI = side('provider-gemini', 'gemini', ({ url }) => [
  [providerGemini, { name: 'scripted', baseUrl: url, apiKey: PROVIDER_KEY, models: ['upstream-model'] }],
]);

export const OLLAMA = side('provider-ollama', 'ollama', ({ url }) => [
  [providerOllama, { name: 'scripted', baseUrl: url, apiKey: PROVIDER_KEY, models: ['upstream-model'] }],
]);

export const ALL_SIDES: readonly AgentSide[] = [CHAT, ANTHROPIC, RESPONSES, GEMINI, OLLAMA];
