import { type Exchange, formatTarget, type JsonObject, type Plugin, pluginDefinition } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import preset from '../src/index.ts';

export type Env = Record<string, string>;
const KEYS: Env = {
  ANTHROPIC_API_KEY: 'sk-ant-api03-a',
  OPENROUTER_API_KEY: 'or',
  DEEPSEEK_API_KEY: 'ds',
  OPENAI_API_KEY: 'oa',
  GEMINI_API_KEY: 'ge',
};
export const only = (...names: string[]): Env =>
  Object.fromEntries(names.map((name) => [`${name}_API_KEY`, KEYS[`${name}_API_KEY`] ?? '']));

/** Where no Ollama answers, whatever runs on this machine. */
export const NOBODY = '127.0.0.1:1';

export async function entries(env: Env, options: JsonObject = { log: true }) {
  const list = await pluginDefinition(preset)?.plugins?.(options as never, { env: { OLLAMA_HOST: NOBODY, ...env } });
  return (list ?? []).map(([plugin, given]) => ({
    plugin,
    given: given ?? {},
    name: pluginDefinition(plugin)?.name ?? '',
  }));
}

/** The defaults that the host fills in by the schemas. */
function withDefaults(plugin: Plugin, given: JsonObject): JsonObject {
  const schema: { properties?: Record<string, { default?: JsonObject[string] }> } =
    pluginDefinition(plugin)?.configSchema ?? {};
  const { properties = {} } = schema;
  const defaults = Object.entries(properties).filter(([, property]) => property.default !== undefined);
  return { ...Object.fromEntries(defaults.map(([key, property]) => [key, property.default])), ...given };
}

/** The gateway that the preset makes of an environment. */
export async function gateway(env: Env) {
  const host = fakeHost({ env });
  for (const { plugin, given, name } of await entries(env, { log: false })) {
    if (name.startsWith('format-')) await applyPlugin(plugin, {}, host);
    else await applyPlugin(plugin, withDefaults(plugin, given), host);
  }
  await host.hooks.ready.promise();
  const decide = async (exchange: Exchange) =>
    (await host.hooks.route.promise(undefined, exchange))?.targets.map(formatTarget).join();
  return { host, decide, target: (model: string) => decide(fakeExchange({ model })) };
}
