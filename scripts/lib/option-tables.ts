/** The part of a JSON Schema that a table of options shows. */
export interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly OptionSchema[];
  readonly items?: OptionSchema;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
}

/** `<!-- options -->` is the table of all options, `<!-- options: dialect -->` that of the keys of one of them. */
const SECTION = /<!-- options(?:: ([\w.]+))? -->\n[\s\S]*?<!-- \/options -->/g;
const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'yes or no',
  object: 'object',
};

/**
 * A README with its tables of options made from the schema. An option that has a table of its own is one row elsewhere.
 * @throws {Error} where a table is missing, or is for an option that does not exist.
 */
export function withOptionTables(readme: string, schema: OptionSchema): string {
  const own = new Set(Array.from(readme.matchAll(SECTION), ([, path = '']) => path));
  if (!own.has('')) throw new Error('there is no <!-- options --> … <!-- /options -->');
  return readme.replace(SECTION, (_, path: string | undefined) => {
    const [opening, top] =
      path === undefined ? ['<!-- options -->', schema] : [`<!-- options: ${path} -->`, at(schema, path)];
    return `${opening}\n\n${table(rows(top, '', own))}\n\n<!-- /options -->`;
  });
}

function at(schema: OptionSchema, path: string): OptionSchema {
  let found: OptionSchema | undefined = schema;
  for (const key of path.split('.')) found = found?.properties?.[key];
  if (found === undefined) throw new Error(`there is no option ${path}`);
  return found;
}

function rows(schema: OptionSchema, prefix: string, own: ReadonlySet<string>): readonly (readonly string[])[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([key, option]) => {
    const path = `${prefix}${key}`;
    const preset = required.includes(key) ? 'required' : '';
    const value = option.default === undefined ? preset : code(option.default);
    const row = [`\`${path}\``, typeOf(option), value, option.description ?? ''];
    return [row, ...(own.has(path) ? [] : rows(option, `${path}.`, own))];
  });
}

function typeOf({ type, enum: words, const: only, anyOf, items }: OptionSchema): string {
  if (words !== undefined) return words.map(code).join(', ');
  if (only !== undefined) return code(only);
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${plural(items ?? {})}`;
  return WORDS[type ?? ''] ?? 'anything';
}

function plural(items: OptionSchema): string {
  if (items.enum !== undefined) return 'words';
  if (items.anyOf !== undefined) return items.anyOf.map(plural).join(' or ');
  return `${typeOf(items)}s`;
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function table(body: readonly (readonly string[])[]): string {
  const all = [['Option', 'Type', 'Default', ''], ...body].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...rest] = all;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}
