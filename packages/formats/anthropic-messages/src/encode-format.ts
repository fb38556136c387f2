import { type ChatRequest, describedSchema, type JsonValue, ownFieldsOf } from '@signalbox/kit';
import type { EncodeContext } from './encode-context.ts';
import { FORMAT_ID, isObject } from './wire.ts';

const JSON_ONLY = 'Answer with one JSON object and nothing else: no prose, no code fence.';
const SCHEMA = 'Answer with JSON and nothing else: no prose, no code fence. It must be valid against this JSON Schema:';

export interface EncodedFormat {
  /** `output_config.format`. */
  readonly format?: JsonValue | undefined;
  /** What asks for the same in the system prompt, where there is no such format. */
  readonly instruction?: string;
}

/**
 * The form of the answer. The format is always strict: what a strict schema cannot say stands in the system prompt. What a
 * client of this format wrote goes as it is.
 */
export function encodeFormat({ responseFormat, extensions }: ChatRequest, context: EncodeContext): EncodedFormat {
  const { notes, ownClient, strict } = context;
  const { format: extras } = ownFieldsOf(extensions, FORMAT_ID, 'output_config');
  if (responseFormat?.type === 'json-object') {
    notes.add('responseFormat', 'approximated', 'a system line asks for JSON');
    return { format: extras, instruction: JSON_ONLY };
  }
  if (responseFormat === undefined) return { format: extras };
  // It has no name here, and needs none.
  const asked = describedSchema(responseFormat);
  const schema = ownClient ? asked : strict.encode(asked, 'responseFormat.schema', 'any');
  if (typeof schema !== 'string') {
    return { format: { type: 'json_schema', schema, ...(isObject(extras) ? extras : {}) } };
  }
  notes.add('responseFormat', 'approximated', `the schema stands in the system prompt, it cannot be strict: ${schema}`);
  return { instruction: `${SCHEMA}\n${JSON.stringify(asked)}` };
}
