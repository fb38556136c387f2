import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ScriptName, scripts } from './scripts.ts';

/** Where reports, profiles and the gateway's config go; git ignores it. Plugins are resolved from here. */
export const RESULTS_DIR = fileURLToPath(new URL('../results/', import.meta.url));

/** `pass-through`: Anthropic in, Anthropic upstream. `translation`: Anthropic in, OpenAI Chat upstream. */
export type Lane = 'pass-through' | 'translation';

/** The model that a client asks for to get a script in a lane. */
export function modelName(lane: Lane, script: ScriptName): string {
  return `${lane}-${script}`;
}

/** The path at which the bare proxies, which choose no provider, reach the script that the gateway would. */
export function upstreamPath(lane: Lane, script: ScriptName): string {
  return `/${script}${lane === 'pass-through' ? '/v1/messages' : '/v1/chat/completions'}`;
}

/**
 * Writes the config of the measured gateway: one provider per lane and script, and a route to each. The pass-through
 * models keep their names, as those of a coding agent do that talks to its own vendor.
 * @returns the file.
 */
export function writeGatewayConfig(upstreamPort: number): string {
  const names = Object.keys(scripts) as ScriptName[];
  const origin = `http://127.0.0.1:${upstreamPort}`;
  const models: Record<string, string> = {};
  const plugins: unknown[] = ['@signalbox/format-anthropic-messages', '@signalbox/format-openai-chat'];
  for (const script of names) {
    const anthropic = { name: `anthropic-${script}`, apiKey: 'bench-key', baseUrl: `${origin}/${script}` };
    const chat = {
      name: `chat-${script}`,
      format: 'openai-chat',
      apiKey: 'bench-key',
      baseUrl: `${origin}/${script}/v1`,
    };
    plugins.push(['@signalbox/provider-anthropic', anthropic], ['@signalbox/provider-compatible', chat]);
    models[modelName('pass-through', script)] = `anthropic-${script}/{model}`;
    models[modelName('translation', script)] = `chat-${script}/bench-model`;
  }
  plugins.push(['@signalbox/route-scenarios', { models }]);
  mkdirSync(RESULTS_DIR, { recursive: true });
  const file = `${RESULTS_DIR}gateway.jsonc`;
  writeFileSync(file, JSON.stringify({ server: { port: 0 }, plugins }, null, 2));
  return file;
}
