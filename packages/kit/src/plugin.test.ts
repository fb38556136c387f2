import { describe, expect, it } from '@jest/globals';
import type { Format } from './format.ts';
import { defineFormat } from './format.ts';
import { definePlugin, definePreset, PLUGIN_API, type PluginHost, pluginDefinition } from './plugin.ts';
import { defineProvider, providerOptions } from './provider.ts';
import { Type } from './type.ts';

/** A host that only remembers what was added. */
function recordingHost() {
  const added: [string, unknown][] = [];
  const host = {
    addFormat: (format: Format) => added.push(['format', format.id]),
    addProvider: (name: string) => added.push(['provider', name]),
  } as unknown as PluginHost;
  return { added, host };
}

describe('definePlugin', () => {
  const configSchema = Type.Object({ level: Type.Integer() });
  const seen: unknown[] = [];
  const plugin = definePlugin({
    name: 'log-x',
    configSchema,
    apply: (_host, { level }) => {
      seen.push(level);
    },
  });

  it('carries its definition where only pluginDefinition finds it', async () => {
    const definition = pluginDefinition(plugin);
    expect(definition).toMatchObject({ api: PLUGIN_API, name: 'log-x', configSchema });
    await definition?.apply?.(recordingHost().host, { level: 3 });
    expect(seen).toEqual([3]);
    expect(Object.isFrozen(definition)).toBe(true);
    expect(JSON.stringify(plugin)).toBe('{}');
  });

  it('is told by its brand, across copies of this package', () => {
    const foreign = { [Symbol.for('signalbox.plugin')]: { api: 99, name: 'other' } };
    expect(pluginDefinition(foreign)).toMatchObject({ api: 99 });
    for (const other of [undefined, null, 'x', {}, () => plugin, { default: plugin }]) {
      expect(pluginDefinition(other)).toBeUndefined();
    }
  });
});

describe('definePreset', () => {
  it('has plugins in the place of apply', () => {
    const inner = definePlugin({ name: 'a', apply: () => {} });
    const preset = definePreset({
      name: 'preset-x',
      plugins: (_options, { env }) => (env.KEY === undefined ? [] : [[inner, { key: env.KEY }]]),
    });
    const definition = pluginDefinition(preset);
    expect(definition?.apply).toBeUndefined();
    expect(definition?.plugins?.({}, { env: {} })).toEqual([]);
    expect(definition?.plugins?.({}, { env: { KEY: 'k' } })).toEqual([[inner, { key: 'k' }]]);
  });
});

describe('defineFormat', () => {
  it('gives the format itself, which adds itself to the host', async () => {
    const format = { id: 'f' } as Format;
    const plugin = defineFormat(format);
    const { added, host } = recordingHost();
    await pluginDefinition(plugin)?.apply?.(host, {});
    expect(plugin).toBe(format);
    expect(pluginDefinition(plugin)?.name).toBe('format-f');
    expect(added).toEqual([['format', 'f']]);
  });
});

describe('defineProvider', () => {
  const plugin = defineProvider({
    id: 'p',
    configSchema: Type.Object({ ...providerOptions }),
    create: () => ({ answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }) }),
  });

  it('adds the provider under its id, or under the name that the options give', async () => {
    const { added, host } = recordingHost();
    await pluginDefinition(plugin)?.apply?.(host, {});
    await pluginDefinition(plugin)?.apply?.(host, { name: 'second' });
    expect(pluginDefinition(plugin)?.name).toBe('provider-p');
    expect(added).toEqual([
      ['provider', 'p'],
      ['provider', 'second'],
    ]);
  });
});
