// Writes the tables of options in the plugins' READMEs anew, from their schemas: `node scripts/run.mjs option-tables`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pluginDefinition } from '../packages/kit/src/index.ts';
import { type OptionSchema, withOptionTables } from './lib/option-tables.ts';

const plugins = join(import.meta.dirname, '../plugins');
for (const name of readdirSync(plugins)) {
  const readme = join(plugins, name, 'README.md');
  if (!existsSync(readme)) continue;
  const { default: plugin } = (await import(join(plugins, name, 'src/index.ts'))) as { default?: unknown };
  const schema = pluginDefinition(plugin)?.configSchema as OptionSchema | undefined;
  if (schema === undefined) continue;
  const before = readFileSync(readme, 'utf8');
  const after = withOptionTables(before, schema);
  if (after === before) continue;
  writeFileSync(readme, after);
  process.stdout.write(`plugins/${name}/README.md\n`);
}
