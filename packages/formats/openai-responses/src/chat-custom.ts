import type { Extensions, FunctionTool, JsonObject, ToolCallBlock } from '@signalbox/kit';
import type { ClientTool } from './client-tools.ts';
import { isObject } from './fields.ts';

/** Chat Completions has custom tools, too, with the same parts in another place. */
const CHAT = 'openai-chat';

/** A Chat client's custom tool as it is written here; `undefined` for any other tool. */
export function chatCustomTool({ extensions }: FunctionTool, name: string): JsonObject | undefined {
  const custom = extensions?.[CHAT]?.custom;
  if (!isObject(custom)) return undefined;
  const { format, ...rest } = custom;
  const grammar = isObject(format) && isObject(format.grammar) ? { type: 'grammar', ...format.grammar } : format;
  return { type: 'custom', ...rest, name, ...(grammar === undefined ? {} : { format: grammar }) };
}

/** A call that a Chat client's history marks as one of a custom tool. */
export function chatCustomCall({ name, extensions }: ToolCallBlock): ClientTool | undefined {
  return extensions?.[CHAT]?.custom === true ? { kind: 'custom', name } : undefined;
}

/** What is left to note of a tool or call that is written as a custom one. */
export function withoutChatCustom(extensions: Extensions | undefined): Extensions | undefined {
  if (extensions?.[CHAT]?.custom === undefined) return extensions;
  const { custom: _, ...rest } = extensions[CHAT];
  return { ...extensions, [CHAT]: rest };
}
