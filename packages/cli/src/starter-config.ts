import type { JsonValue } from '@signalbox/kit';
import { type DescribedPlugin, propertiesOf } from './described-plugins.ts';

/** What a plugin's kind does, told once before the first of that kind. */
const kinds: Readonly<Record<string, string>> = {
  format: 'Formats that clients may speak, and that providers are spoken to in.',
  provider: 'Providers. A target is written "provider/model".',
  route: 'Where requests go: strategies are asked in this order.',
  transform: 'What changes requests and replies on their way.',
  auth: 'Who may use this gateway.',
  limit: 'How much of it may go there at once.',
  model: 'What is known about models: windows, prices, abilities.',
  log: 'Where the log goes.',
};

/** The text of a config file: every option with what it is for, keys as references to the environment. */
export function writeConfigText({
  host,
  port,
  plugins,
}: {
  host: string;
  port: number;
  plugins: readonly DescribedPlugin[];
}): string {
  return `// Signalbox configuration. Check it with: signalbox check
// \${NAME} in a text reads a variable of the environment when Signalbox starts, \${NAME:-default} has a default.
{
  "server": {
    // Anything but a loopback address needs an auth plugin.
    "host": ${JSON.stringify(host)},
    "port": ${port},
  },
  // A plugin is "name" or ["name", options]; a name is an npm package or a ./file.
  "plugins": [
${writePlugins(plugins)}
  ],
}
`;
}

function writePlugins(plugins: readonly DescribedPlugin[]): string {
  const told = new Set<string>();
  return plugins
    .map((plugin) => {
      const [kind = ''] = plugin.name.split('-');
      const heading = told.has(kind) ? undefined : kinds[kind];
      told.add(kind);
      return `${heading === undefined ? '' : `    // ${heading}\n`}    ${writePlugin(plugin)},`;
    })
    .join('\n');
}

function writePlugin({ name, options, schema }: DescribedPlugin): string {
  const packageName = JSON.stringify(`@signalbox/${name}`);
  const keys = Object.keys(options);
  if (keys.length === 0) return packageName;
  const properties = propertiesOf(schema);
  const lines = keys.map((key) => {
    const description = properties[key]?.description;
    const comment = description === undefined ? '' : `        // ${description.replaceAll('\n', ' ')}\n`;
    return `${comment}        ${JSON.stringify(key)}: ${indent(options[key] ?? null)},`;
  });
  return `[\n      ${packageName},\n      {\n${lines.join('\n')}\n      },\n    ]`;
}

function indent(value: JsonValue): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', '\n        ');
}
