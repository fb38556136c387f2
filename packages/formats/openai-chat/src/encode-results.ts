import { addAll, type JsonObject, type Message, pairResults, type ToolResultBlock } from '@signalbox/kit';
import { messageExtras, type OpenCall } from './encode-messages.ts';
import { contentOf, encodeParts, type Part } from './encode-parts.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

interface EncodedResults {
  /** One `tool` message per call, in the order of the calls. */
  readonly messages: readonly JsonObject[];
  /** By index of the message: what its results hold that a `tool` message cannot carry, and results without a call. */
  readonly hoisted: ReadonlyMap<number, readonly Part[]>;
}

interface Found {
  readonly block: ToolResultBlock;
  readonly index: number;
  readonly path: string;
}

const NO_RESULT = 'the call has no result: one that says so was added';
const SAYS_ERROR = /^\W*(?:tool_use_)?(?:error|failed|failure)\b/i;

/** The results of one turn's calls. A call without a result gets one that says so; otherwise providers answer 400. */
export function encodeResults(
  messages: readonly Message[],
  first: number,
  end: number,
  calls: readonly OpenCall[],
  encoding: Encoding,
): EncodedResults {
  const hoisted = new Map<number, Part[]>();
  const found = findResults(messages, first, end);
  if (calls.length === 0 && found.length === 0) return { messages: [], hoisted };
  const hoist = (index: number, parts: readonly Part[]): void => {
    const known = hoisted.get(index);
    if (known === undefined) hoisted.set(index, [...parts]);
    else addAll(known, parts);
  };
  const pairs = pairResults(calls, found);
  const out: JsonObject[] = [];
  let media = 0;
  for (const call of calls) {
    const result = pairs.get(call);
    if (result === undefined) {
      encoding.target.notes.add(call.path, 'approximated', NO_RESULT);
      out.push(toolMessage(call, 'Error: no result', {}, encoding));
      continue;
    }
    const { block, index, path } = result;
    const parts: Part[] = [];
    for (const part of encodeResult(block, path, encoding)) {
      if (part.type === 'text') {
        parts.push(part);
        continue;
      }
      const kind = part.type === 'image_url' ? 'image' : 'attachment';
      media++;
      parts.push({ type: 'text', text: `[${kind} ${media} attached below]` });
      hoist(index, [{ type: 'text', text: `[${kind} ${media}, from the result of tool call ${call.wireId}]` }, part]);
      encoding.noteOnce(path, 'mapped', 'images and files of tool results follow in a user message');
    }
    out.push(toolMessage(call, toolContent(parts, block, path, encoding), messageExtras(block, encoding), encoding));
  }
  const used = new Set(pairs.values());
  for (const orphan of found) {
    if (used.has(orphan)) continue;
    const { block, index, path } = orphan;
    encoding.target.notes.add(path, 'approximated', 'a tool result without its call is sent as user text');
    for (const key in block.extensions?.[ID]) encoding.noteOnce(`${path}.${key}`, 'dropped', `user text has no ${key}`);
    hoist(index, [
      { type: 'text', text: `[Result of tool call ${block.callId}]` },
      ...encodeResult(block, path, encoding),
    ]);
  }
  return { messages: out, hoisted };
}

function findResults(messages: readonly Message[], first: number, end: number): Found[] {
  const found: Found[] = [];
  for (let index = first; index < end; index++) {
    messages[index]?.content.forEach((block, position) => {
      if (block.type === 'tool-result') found.push({ block, index, path: `messages[${index}].content[${position}]` });
    });
  }
  return found;
}

function encodeResult(block: ToolResultBlock, path: string, encoding: Encoding): Part[] {
  encoding.target.notes.foreignExtensions(block.extensions, ID, path);
  return encodeParts(block.content, `${path}.content`, encoding);
}

function toolContent(
  parts: readonly Part[],
  block: ToolResultBlock,
  path: string,
  encoding: Encoding,
): string | Part[] {
  const text = parts.map((part) => String(part.text)).join('\n');
  const shown = text === '' ? '(no output)' : text;
  const content = block.isError === true && !SAYS_ERROR.test(shown) ? `Error: ${shown}` : shown;
  const inner = parts.find((part) => part.cache_control !== undefined)?.cache_control;
  const control = encoding.cacheControl(block, path) ?? inner;
  return control === undefined ? content : contentOf([{ type: 'text', text: content, cache_control: control }], false);
}

function toolMessage(call: OpenCall, content: string | Part[], extras: JsonObject, encoding: Encoding): JsonObject {
  const name = encoding.dialect.toolMessageNames ? { name: encoding.target.toolNames.alias(call.name) } : {};
  return { ...extras, role: 'tool', tool_call_id: call.wireId, ...name, content };
}
