import { configSchema } from '@signalbox/core';

/** Prints the JSON schema of the config file. */
export async function run(): Promise<number> {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...configSchema };
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
  return 0;
}
