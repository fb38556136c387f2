import type { JsonObject, ResponseFormat } from '@signalbox/spec';

/** The schema of a wished answer with what the client says about it, for formats that have no other place for that. */
export function describedSchema({
  schema,
  description,
}: Extract<ResponseFormat, { readonly type: 'json-schema' }>): JsonObject {
  if (description === undefined || description === schema.description) return schema;
  if (typeof schema.description !== 'string') return { ...schema, description };
  return { ...schema, description: `${description}\n\n${schema.description}` };
}
