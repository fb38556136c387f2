import assert from 'node:assert/strict';
import { type Plugin, pluginDefinition } from '@signalbox/kit';
import type { Law } from './law.ts';

/** What every configurable plugin owes its users: a closed schema in which each key is described. */
export function schemaLaws(plugin: Plugin): Law[] {
  const definition = pluginDefinition(plugin);
  return [
    {
      name: 'is a plugin with a name of the form <kind>-<name>',
      check: () => assert.match(definition?.name ?? '', /^(signalbox-plugin-)?[a-z]+(-[a-z0-9]+)+$/),
    },
    {
      name: 'has a config schema that describes every key and takes no other',
      check: () => assert.deepEqual(schemaFaults(definition?.configSchema, 'options'), []),
    },
  ];
}

interface SchemaLike {
  type?: unknown;
  description?: unknown;
  properties?: Record<string, SchemaLike>;
  additionalProperties?: unknown;
  items?: SchemaLike;
  anyOf?: SchemaLike[];
}

function schemaFaults(schema: SchemaLike | undefined, path: string): string[] {
  if (schema === undefined) return [`${path}: there is no schema`];
  const faults: string[] = [];
  if (schema.properties !== undefined) {
    if (schema.additionalProperties !== false) faults.push(`${path}: additionalProperties is not false`);
    for (const [key, property] of Object.entries(schema.properties)) {
      const { description } = property;
      if (typeof description !== 'string' || description === '') faults.push(`${path}.${key}: no description`);
      faults.push(...schemaFaults(property, `${path}.${key}`));
    }
  }
  if (schema.items !== undefined) faults.push(...schemaFaults(schema.items, `${path}[]`));
  for (const option of schema.anyOf ?? []) faults.push(...schemaFaults(option, path));
  return faults;
}
