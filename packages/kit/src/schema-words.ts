import type { JsonObject, JsonValue } from '@signalbox/spec';

/** Keywords of JSON Schema that inform and forbid nothing. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly'],
  ...['format', 'contentEncoding', 'contentMediaType', '$comment'],
]);
/** What takes more characters is no hint any more. */
const MAX_CHARS = 300;

/** Whether a keyword only informs whoever reads the schema: said in a description, it is said whole. */
export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword);
}

/** Whether a keyword can be said in words: it is short, and refers to nothing that stands elsewhere. */
export function canBeTold(keyword: string, value: JsonValue | undefined): boolean {
  const text = wordsFor(keyword, value);
  return text.length <= MAX_CHARS && !text.includes('"$ref"');
}

/** A schema whose description says what its dialect has no keywords for: `A day. (format: date, minLength: 10)`. */
export function withWords(schema: JsonObject, keywords: JsonObject): JsonObject {
  const words = Object.entries(keywords).map(([keyword, value]) => wordsFor(keyword, value));
  if (words.length === 0) return schema;
  const hint = `(${words.join(', ')})`;
  return { ...schema, description: typeof schema.description === 'string' ? `${schema.description} ${hint}` : hint };
}

function wordsFor(keyword: string, value: JsonValue | undefined): string {
  return `${keyword}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
