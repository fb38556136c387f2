import type { JsonObject, ToolCallBlock, ToolResultBlock } from '@signalbox/kit';
import { chatCustomCall, withoutChatCustom } from './chat-custom.ts';
import { callFields, clientToolOf, outputType, type ToolKind } from './client-tools.ts';
import { encodeParts, type Part } from './encode-parts.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import { hintOf } from './item-hint.ts';
import { restoreOutput } from './tool-outputs.ts';

const SAYS_ERROR = /^\W*(?:tool_use_)?(?:error|failed|failure)\b/i;

/** A call of the history as an item. */
export function encodeCall(block: ToolCallBlock, path: string, encoding: Encoding): JsonObject {
  const { target, dialect, ownClient } = encoding;
  target.notes.foreignExtensions(withoutChatCustom(block.extensions), ID, path);
  if (block.cacheControl !== undefined) {
    encoding.noteOnce(`${path}.cacheControl`, 'mapped', 'a tool call has no cache breakpoint here');
  }
  const raw = block.rawInput ?? JSON.stringify(block.input);
  const rawInput = raw.trim() === '' && !ownClient ? '{}' : raw;
  const tool = dialect.clientTools ? (clientToolOf(block.extensions) ?? chatCustomCall(block)) : undefined;
  if (tool !== undefined) encoding.kinds.set(block.id, tool.kind);
  const alias = target.toolNames.alias(block.name);
  const fields = callFields(tool ?? { kind: 'function', name: alias }, rawInput);
  return { ...fields, call_id: encoding.callId(block.id), ...hintOf(block)?.rest };
}

/** What the client says about a call, as an item. */
export function encodeOutput(block: ToolResultBlock, path: string, encoding: Encoding): JsonObject {
  const { dialect, target } = encoding;
  target.notes.foreignExtensions(block.extensions, ID, path);
  const hint = hintOf(block);
  const kind = dialect.clientTools
    ? ((hint?.kind as ToolKind | undefined) ?? encoding.kinds.get(block.callId) ?? 'function')
    : 'function';
  if (hint?.wire !== undefined && kind !== 'function') return restoreOutput(hint.wire, kind, block.content);
  const parts = encodeParts(block.content, 'input', `${path}.content`, encoding);
  const last = parts.at(-1);
  if (last !== undefined && block.cacheControl !== undefined) Object.assign(last, encoding.breakpoint(block, path));
  return {
    type: kind === 'custom' ? outputType(kind) : outputType('function'),
    call_id: encoding.callId(block.callId),
    output: outputOf(parts, block, hint?.list === true),
    ...hint?.rest,
  };
}

/** Text alone is a string; only images and files need a list. There is no flag for errors, so the text says it. */
function outputOf(parts: Part[], { isError }: ToolResultBlock, list: boolean): string | Part[] {
  const texts = parts.flatMap(({ type, text }) => (type === 'input_text' ? [String(text)] : []));
  const unmarked = isError === true && !SAYS_ERROR.test(texts.join('\n'));
  if (list || texts.length < parts.length || parts.some((part) => part.prompt_cache_breakpoint !== undefined)) {
    return unmarked ? [{ type: 'input_text', text: 'Error:' }, ...parts] : parts;
  }
  const joined = texts.join('\n');
  return unmarked ? `Error: ${joined}` : joined;
}

/** A result whose call is not in the history would be refused: the user says it. */
export function orphanParts(block: ToolResultBlock, path: string, encoding: Encoding): Part[] {
  encoding.target.notes.add(path, 'approximated', 'a tool result without its call is sent as user text');
  return [
    { type: 'input_text', text: `[Result of tool call ${block.callId}]` },
    ...encodeParts(block.content, 'input', `${path}.content`, encoding),
  ];
}
