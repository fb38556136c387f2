import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pluginDefinition } from '../../packages/kit/src/index.ts';
import { type OptionSchema, withOptionTables } from '../../scripts/lib/option-tables.ts';
import { packagesIn, readText, root } from './workspace.ts';

const plugins = packagesIn('plugins').map(({ dir }) => dir);

describe('tables of options', () => {
  // If this fails: node scripts/run.mjs option-tables
  it.each(plugins)('of %s say what its schema says', async (dir) => {
    const module = (await import(join(root, dir, 'src/index.ts'))) as { default?: unknown };
    const schema = pluginDefinition(module.default)?.configSchema as OptionSchema | undefined;
    expect(schema).toBeDefined();
    const readme = readText(`${dir}/README.md`);
    expect(readme).toBe(withOptionTables(readme, schema ?? {}));
  });

  const schema: OptionSchema = {
    required: ['a', 'b'],
    properties: {
      a: { type: 'string', description: 'Needed | always.' },
      b: { enum: ['x', 'y'], default: 'x', description: 'One.' },
      c: { type: 'object', properties: { d: { type: 'array', items: { type: 'integer' } } } },
      e: { anyOf: [{ const: false }, { type: 'array', items: { enum: ['x'] } }] },
    },
  };

  it('have a row for every key, nested ones too', () => {
    const made = withOptionTables('<!-- options -->\nold\n<!-- /options -->\n', schema);
    expect(made.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      '<!-- options -->',
      '',
      '| Option | Type | Default | |',
      expect.stringMatching(/^\| -+ \|/),
      '| `a` | text | required | Needed \\| always. |',
      '| `b` | `"x"`, `"y"` | `"x"` | One. |',
      '| `c` | object | | |',
      '| `c.d` | list of whole numbers | | |',
      '| `e` | `false` or list of words | | |',
      '',
      '<!-- /options -->',
      '',
    ]);
  });

  it('leave out what has a table of its own, and must exist', () => {
    const both = '<!-- options -->\n<!-- /options -->\n<!-- options: c -->\n<!-- /options -->';
    const made = withOptionTables(both, schema);
    expect(made).not.toContain('`c.d`');
    expect(made).toContain('`d`');
    expect(() => withOptionTables('# No table', schema)).toThrow('no <!-- options -->');
    expect(() => withOptionTables(both.replace('options: c', 'options: z'), schema)).toThrow('no option z');
  });
});
