import { configSchema, referencePattern } from '@signalbox/core';

/** Prints the JSON schema of the config file. */
export async function run(): Promise<number> {
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...configSchema };
  process.stdout.write(`${JSON.stringify(schema, withReferences, 2)}\n`);
  return 0;
}

/** Where a number or a truth value stands, a reference to the environment may stand, too. */
function withReferences(_key: string, value: unknown): unknown {
  const { type } = (value ?? {}) as { type?: unknown };
  if (type !== 'integer' && type !== 'number' && type !== 'boolean') return value;
  return { ...(value as object), type: [type, 'string'], pattern: referencePattern };
}
