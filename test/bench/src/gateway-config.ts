import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WireFormat } from '@signalbox/testkit';
import { lanes, type Pair } from './pair.ts';
import { type ScriptName, scriptNames } from './scripts.ts';

/** Where reports, profiles and the gateway's config go; git ignores it. Plugins are resolved from here. */
export const RESULTS_DIR = fileURLToPath(new URL('../results/', import.meta.url));

/** A model's name decides what may be said to it, so each format's is one that could be asked for there. */
const MODELS: Readonly<Record<WireFormat, string>> = {
  'anthropic-messages': 'claude-sonnet-5',
  'openai-chat': 'bench-model',
  'openai-responses': 'gpt-5.4',
  gemini: 'gemini-3.8-flash',
  ollama: 'gpt-oss:20b',
};

/** The model that a client asks for to get a script in a provider's format. */
export function modelName(provider: WireFormat, script: ScriptName): string {
  return `${MODELS[provider]}-${script}`;
}

/** Where the scripted provider has a script in one format: what a base URL adds to its origin. */
export function upstreamPath(provider: WireFormat, script: ScriptName): string {
  return `/${script}/${provider}`;
}

/**
 * Writes the config of the measured gateway: the formats of these pairs, one provider per provider format and script, and
 * a route to each. Models keep their names, as those of a coding agent do that talks to its own vendor.
 * @returns the file.
 */
export function writeGatewayConfig(upstreamPort: number, pairs: readonly Pair[] = Object.values(lanes)): string {
  const formats = new Set(pairs.flatMap(({ client, provider }) => [client, provider]));
  const providers = new Set(pairs.map(({ provider }) => provider));
  const models: Record<string, string> = {};
  const plugins: unknown[] = [...formats].map((format) => `@signalbox/format-${format}`);
  for (const provider of providers) {
    for (const script of scriptNames) {
      const name = `${provider}-${script}`;
      const url = `http://127.0.0.1:${upstreamPort}${upstreamPath(provider, script)}`;
      plugins.push(providerPlugin(provider, url, { name, apiKey: 'bench-key' }));
      models[modelName(provider, script)] = `${name}/{model}`;
    }
  }
  plugins.push(['@signalbox/route-scenarios', { models }]);
  mkdirSync(RESULTS_DIR, { recursive: true });
  const file = `${RESULTS_DIR}gateway.jsonc`;
  writeFileSync(file, JSON.stringify({ server: { port: 0 }, plugins }, null, 2));
  return file;
}

function providerPlugin(format: WireFormat, url: string, common: { name: string; apiKey: string }): readonly unknown[] {
  switch (format) {
    case 'anthropic-messages':
      return ['@signalbox/provider-anthropic', { ...common, baseUrl: url }];
    case 'openai-chat':
      return ['@signalbox/provider-compatible', { ...common, baseUrl: `${url}/v1`, format }];
    case 'openai-responses':
      return ['@signalbox/provider-openai', { ...common, baseUrl: `${url}/v1`, surface: 'responses' }];
    case 'gemini':
      return ['@signalbox/provider-gemini', { ...common, baseUrl: `${url}/v1beta` }];
    case 'ollama':
      return ['@signalbox/provider-ollama', { ...common, baseUrl: url }];
  }
}
