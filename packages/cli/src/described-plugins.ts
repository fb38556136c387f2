import type { Config, LoadedPlugin } from '@signalbox/core';
import { type JsonObject, pluginDefinition, type TSchema } from '@signalbox/kit';

/** A plugin as a person would list it: variables of the environment are `${NAME}` in its options, never values. */
export interface DescribedPlugin {
  readonly name: string;
  readonly options: JsonObject;
  readonly schema: TSchema | undefined;
}

/** All plugins of a loaded config, those that presets bring included, without a single value of the environment. */
export async function describePlugins(
  config: Config,
  loaded: readonly LoadedPlugin[],
): Promise<readonly DescribedPlugin[]> {
  const env = references(config.env);
  const described: DescribedPlugin[] = [];
  for (const { plugin, optionsIn } of config.plugins) {
    const url = typeof plugin === 'string' ? loaded.find(({ from }) => from === plugin)?.url : undefined;
    // It is loaded already, so this only looks it up.
    const value: unknown = url === undefined ? plugin : ((await import(url)) as { default?: unknown }).default;
    described.push(...(await expand(value, optionsIn(env) ?? {}, env)));
  }
  return described;
}

/** The plugins behind `value`: itself, or what it brings as a preset. */
async function expand(value: unknown, options: JsonObject, env: Config['env']): Promise<readonly DescribedPlugin[]> {
  const definition = pluginDefinition(value);
  if (definition === undefined) return [];
  const { name, configSchema: schema, plugins } = definition;
  if (plugins === undefined) return [{ name, options, schema }];
  const entries = await plugins({ ...defaultsOf(schema), ...options } as never, { env });
  const expanded = await Promise.all(entries.map(([plugin, given]) => expand(plugin, given ?? {}, env)));
  return expanded.flat();
}

/** Each variable that is set stands for itself: a preset sees what is there, and writes down the reference. */
function references(env: Config['env']): Config['env'] {
  const set = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(set.map(([name]) => [name, `\${${name}}`]));
}

/** The names of the variables that a plugin's options refer to. */
export function variablesOf({ options }: Pick<DescribedPlugin, 'options'>): readonly string[] {
  const found = JSON.stringify(options).matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g);
  return [...new Set(Array.from(found, ([, name = '']) => name))];
}

export function propertiesOf(
  schema: TSchema | undefined,
): Readonly<Record<string, { description?: string; default?: unknown }>> {
  return (
    (schema as { properties?: Record<string, { description?: string; default?: unknown }> } | undefined)?.properties ??
    {}
  );
}

function defaultsOf(schema: TSchema | undefined): JsonObject {
  const withDefault = Object.entries(propertiesOf(schema)).filter(([, property]) => 'default' in property);
  return Object.fromEntries(withDefault.map(([key, property]) => [key, property.default])) as JsonObject;
}
