import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pluginDefinition } from '../../packages/kit/src/index.ts';
import { packagesIn, readText, root } from './workspace.ts';

const published = packagesIn('packages', 'packages/formats', 'plugins').filter(
  ({ manifest }) => manifest.private !== true,
);
const plugins = packagesIn('plugins').map(({ dir }) => dir);

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The paths of all keys in a schema that say nothing about themselves. */
function undescribed(schema: Schema, path = ''): readonly string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
    ...(property.description === undefined ? [`${path}${key}`] : []),
    ...undescribed(property, `${path}${key}.`),
  ]);
  const nested = [...(schema.items === undefined ? [] : [schema.items]), ...(schema.anyOf ?? [])];
  return [...own, ...nested.flatMap((inner) => undescribed(inner, path))];
}

describe('packages', () => {
  it.each(published)('$dir has a README and the licence', ({ dir }) => {
    expect(existsSync(join(root, dir, 'README.md'))).toBe(true);
    expect(readText(`${dir}/LICENSE`)).toBe(readText('LICENSE'));
  });

  it.each(published)('$dir is type-checked by the root tsconfig.json', ({ dir }) => {
    const { references } = JSON.parse(readText('tsconfig.json')) as { references: readonly { path: string }[] };
    expect(references.map(({ path }) => path)).toContain(dir);
  });

  it.each(plugins)('%s is named after its folder and describes every option', async (dir) => {
    const module = (await import(join(root, dir, 'src/index.ts'))) as { default?: unknown };
    const definition = pluginDefinition(module.default);
    expect(definition?.name).toBe(dir.replace('plugins/', ''));
    expect(undescribed((definition?.configSchema ?? {}) as Schema)).toEqual([]);
  });

  it('would see an option without a description, however deep', () => {
    const inner = { properties: { key: {} } };
    expect(undescribed({ properties: { list: { description: 'A list', items: inner }, other: {} } })).toEqual([
      'list.key',
      'other',
    ]);
  });
});
