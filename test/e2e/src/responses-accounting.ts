import type { FidelityNote, JsonObject, JsonValue } from '@signalbox/kit';
import { isNoted, leaves } from './accounting.ts';

/** Where each field of a Responses request may turn up again; others only under their own name. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  reasoning: ['reasoning_effort', 'thinking', 'output_config'],
  parallel_tool_calls: ['tool_choice'],
  // Whoever keeps nothing, and gives reasoning back in every reply, does what these ask for.
  store: ['messages'],
  include: ['messages'],
};
const COUNTED_ELSEWHERE = ['model', 'input', 'tools'];

/**
 * What of a Responses request is neither in the body that went upstream nor in a note about its place, in words: its
 * fields, and every text that a user, a model or a tool wrote or that tells of a tool.
 */
export function unaccountedItems(sent: JsonObject, upstream: JsonObject, notes: readonly FidelityNote[]): string[] {
  const found = leaves(upstream).join('\0');
  const lost = Object.keys(sent).filter((key) => {
    if (COUNTED_ELSEWHERE.includes(key)) return false;
    const isThere = [key, ...(PLACES[key] ?? [])].some((field) => upstream[field] !== undefined);
    return !isThere && !isNoted(key, notes) && !fieldsOf(sent[key]).every((name) => isNoted(`${key}.${name}`, notes));
  });
  for (const { path, text } of [...inputTexts(sent.input), ...toolTexts(sent.tools, 'tools')]) {
    if (text.trim() !== '' && !found.includes(text) && !notes.some((note) => isDropped(note, path))) {
      lost.push(`${path}: ${JSON.stringify(text.slice(0, 60))}`);
    }
  }
  return lost;
}

/** The names in an object; of anything else the one that no note has. */
function fieldsOf(value: JsonValue | undefined): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : ['*'];
}

interface Placed {
  readonly path: string;
  readonly text: string;
}

function isDropped(note: FidelityNote, path: string): boolean {
  return note.action === 'dropped' && isNoted(path, [note]);
}

function inputTexts(input: JsonValue | undefined): Placed[] {
  return list(input).flatMap((item, index) => {
    const path = `input[${index}]`;
    if (item.type === 'additional_tools' || item.type === 'tool_search_output') {
      return toolTexts(item.tools, `${path}.tools`);
    }
    const { name, content, summary, arguments: args, input: free, output } = item;
    return [name, content, summary, callArguments(args), free, output]
      .flatMap((value) => textsOf(value))
      .map((text) => ({ path, text }));
  });
}

/** Names, descriptions and schemas of tools, those inside namespaces included. */
function toolTexts(tools: JsonValue | undefined, path: string): Placed[] {
  return list(tools).flatMap((tool, index) => {
    const at = `${path}[${index}]`;
    const { type, name, description, parameters, format, tools: inner } = tool;
    const own = typeof name === 'string' ? name : String(type);
    return [
      { path: at, text: own },
      ...[description, grammarOf(format)].flatMap((value) => textsOf(value)).map((text) => ({ path: at, text })),
      ...leaves(parameters).map((text) => ({ path: at, text })),
      ...toolTexts(inner, `${at}.tools`),
    ];
  });
}

function grammarOf(format: JsonValue | undefined): JsonValue {
  return typeof format === 'object' && format !== null && !Array.isArray(format) ? (format.definition ?? null) : null;
}

/** The values of arguments, which are JSON inside a text. */
function callArguments(args: JsonValue | undefined): JsonValue | undefined {
  return typeof args === 'string' && args !== '' ? leaves(JSON.parse(args) as JsonValue) : args;
}

/** A text, or the texts of a list of parts. */
function textsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((part) => (typeof part === 'string' ? [part] : leafText(part)));
}

function leafText(part: JsonValue): string[] {
  const text = typeof part === 'object' && part !== null && !Array.isArray(part) ? part.text : undefined;
  return typeof text === 'string' ? [text] : [];
}

function list(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
