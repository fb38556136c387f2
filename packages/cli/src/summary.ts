import type { Config, Generation } from '@signalbox/core';
import { type JsonObject, type JsonValue, parseTarget } from '@signalbox/kit';
import { type DescribedPlugin, describePlugins, variablesOf } from './described-plugins.ts';

/** Label and text, printed as two columns. */
export type Row = readonly [label: string, text: string];

/** What a config comes to, for a person: the file, each provider and where its key is from, where requests go. */
export async function summarise(generation: Generation): Promise<readonly Row[]> {
  const { config, plugins, providers } = generation;
  const described = await describePlugins(config, plugins);
  const byProvider = new Map(described.map((plugin) => [providerName(plugin), plugin]));
  const width = Math.max(0, ...[...providers.keys()].map((name) => name.length));
  const rows = [...providers.keys()].map((name) => `${name.padEnd(width)}  ${keySource(byProvider.get(name))}`);
  const routes = described
    .filter(({ name }) => name.startsWith('route-'))
    .flatMap((plugin) => describeRoutes(plugin, (target) => providers.has(parseTarget(target)?.provider ?? '')));
  return [
    ['config', describeSource(config)],
    ...labelled('providers', rows.length > 0 ? rows : ['none']),
    ...labelled('routes', routes),
  ];
}

/** The rows in two columns, each line indented. */
export function printRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`.trimEnd()).join('\n');
}

function labelled(label: string, lines: readonly string[]): readonly Row[] {
  return lines.map((line, index) => [index === 0 ? label : '', line]);
}

function describeSource({ file }: Config): string {
  return file ?? 'none, so made from the environment; write one with: signalbox init';
}

function keySource(plugin: DescribedPlugin | undefined): string {
  if (plugin === undefined) return '';
  const names = variablesOf({ options: secretsOf(plugin.options) });
  if (names.length > 0) return `key from ${names.join(', ')}`;
  return 'apiKey' in plugin.options ? 'key in the config' : '';
}

/** The options that a credential is given in; a header may hold one. */
function secretsOf(options: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([key]) => /key|token|secret|^headers$/i.test(key)));
}

function providerName({ name, options }: DescribedPlugin): string {
  return typeof options.name === 'string' ? options.name : name.replace(/^provider-/, '');
}

/** A strategy's options that name targets: `default → anthropic/claude-sonnet-5`, `fallback default → …`. */
function describeRoutes({ name, options }: DescribedPlugin, isTarget: (text: string) => boolean): readonly string[] {
  const label = name === 'route-scenarios' ? '' : `${name.replace(/^route-/, '')} `;
  return Object.entries(options).flatMap(([key, value]) => {
    const given = isObject(value) && 'target' in value ? value.target : value;
    const targets = Array.isArray(given) ? given : [given];
    return targets.length > 0 && targets.every((target) => typeof target === 'string' && isTarget(target))
      ? [`${label}${key} → ${targets.join(', ')}`]
      : [];
  });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
