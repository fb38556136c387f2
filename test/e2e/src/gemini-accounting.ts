import type { FidelityNote, JsonObject, JsonValue } from '@signalbox/kit';
import { isNoted, leaves } from './accounting.ts';

/** Where each field of `generationConfig` may turn up again, and what its note is called. */
const PLACES: Readonly<Record<string, { upstream: readonly string[]; note: string }>> = {
  temperature: { upstream: ['temperature'], note: 'temperature' },
  topP: { upstream: ['top_p'], note: 'topP' },
  topK: { upstream: ['top_k'], note: 'topK' },
  thinkingConfig: { upstream: ['reasoning_effort', 'thinking'], note: 'reasoning' },
  responseMimeType: { upstream: ['response_format', 'output_config'], note: 'responseFormat' },
  responseJsonSchema: { upstream: ['response_format', 'output_config'], note: 'responseFormat' },
};

/**
 * What of a Gemini request is neither in the body that went upstream nor in a note, in words: its settings, and every
 * text that a user, a model or a tool wrote or that tells of a tool. Signatures are not texts.
 */
export function unaccountedContents(sent: JsonObject, upstream: JsonObject, notes: readonly FidelityNote[]): string[] {
  const found = leaves(upstream).join('\0');
  const { contents, systemInstruction, tools, generationConfig, ...others } = sent;
  const texts = [...partsOf(systemInstruction), ...list(contents).flatMap(partsOf)].flatMap(partTexts);
  const declared = list(tools).flatMap(({ functionDeclarations }) =>
    leaves(functionDeclarations).filter(isNoSchemaWord),
  );
  const settings = Object.keys(object(generationConfig)).filter((key) => {
    const { upstream: fields, note } = PLACES[key] ?? { upstream: [key], note: key };
    return !fields.some((field) => upstream[field] !== undefined) && !isNoted(note, notes);
  });
  return [
    ...Object.keys(others).filter((key) => !isNoted(key, notes)),
    ...settings,
    ...[...texts, ...declared].filter((text) => text.trim() !== '' && !found.includes(text)),
  ];
}

/** The names of what only Gemini calls so. */
function isNoSchemaWord(text: string): boolean {
  return text !== 'parametersJsonSchema' && text !== 'parameters';
}

function partsOf(content: JsonValue | undefined): readonly JsonObject[] {
  return list(object(content).parts);
}

function partTexts({ text, functionCall, functionResponse }: JsonObject): string[] {
  const { name = '', args } = object(functionCall);
  return [
    ...(typeof text === 'string' ? [text] : []),
    String(name),
    ...leaves(args),
    ...Object.values(object(object(functionResponse).response)).flatMap((value) => leaves(value)),
  ];
}

function list(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function object(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
