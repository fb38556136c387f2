import { addAll, type Block, type JsonObject, type Message, pairResults, type ToolResultBlock } from '@signalbox/kit';
import { type OpenCall, takesId } from './encode-assistant.ts';
import { encodeParts } from './encode-parts.ts';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';
import { originalOf } from './originals.ts';

interface EncodedResults {
  /** One `functionResponse` per call, in the order of the calls. */
  readonly parts: readonly JsonObject[];
  /** What stands behind them: media that a response cannot hold, and results without a call. */
  readonly behind: readonly JsonObject[];
}

interface Found {
  readonly block: ToolResultBlock;
  readonly path: string;
}

/**
 * The results of one turn's calls: as many as there are calls, in their order, or Google answers 400. A call without a
 * result gets one that says so.
 */
export function encodeResults(
  messages: readonly Message[],
  first: number,
  end: number,
  calls: readonly OpenCall[],
  encoding: Encoding,
): EncodedResults {
  const found = findResults(messages, first, end);
  const parts: JsonObject[] = [];
  const behind: JsonObject[] = [];
  const pairs = pairResults(calls, found);
  for (const call of calls) {
    const result = pairs.get(call);
    if (result === undefined) {
      encoding.target.notes.add(call.path, 'approximated', 'the call has no result: one that says so was added');
      parts.push({ functionResponse: { ...identity(call, encoding), response: { error: 'no result' } } });
    } else {
      parts.push(encodeResult(call, result, behind, encoding));
    }
  }
  const used = new Set(pairs.values());
  for (const orphan of found) {
    if (used.has(orphan)) continue;
    const { block, path } = orphan;
    encoding.target.notes.add(path, 'approximated', 'a tool result without its call is sent as user text');
    behind.push({ text: `[Result of tool call ${block.callId}]` });
    addAll(behind, encodeParts(block.content, `${path}.content`, encoding));
  }
  return { parts, behind };
}

function identity({ id, name }: OpenCall, encoding: Encoding): JsonObject {
  return { ...(takesId(id, encoding) ? { id } : {}), name };
}

function encodeResult(call: OpenCall, { block, path }: Found, behind: JsonObject[], encoding: Encoding): JsonObject {
  encoding.target.notes.foreignExtensions(block.extensions, ID, path);
  encoding.noteCache(block, path);
  const said: string[] = [];
  const media: JsonObject[] = [];
  for (const part of encodeParts(block.content, `${path}.content`, encoding)) {
    if (typeof part.text === 'string' && part.thought === undefined) said.push(part.text);
    else media.push(part);
  }
  const text = said.join('\n');
  const response = originalOf(block.content) ?? (block.isError === true ? { error: text } : { output: text });
  const inside = media.length > 0 && (encoding.traits.mixes || encoding.trustsClient);
  if (media.length > 0 && !inside) {
    encoding.noteOnce(path, 'mapped', 'images and files of tool results follow behind all results');
    behind.push({ text: `[From the result of tool call ${call.id}]` }, ...media);
  }
  const { part, ...own } = block.extensions?.[ID] ?? {};
  return {
    functionResponse: { ...identity(call, encoding), response, ...(inside ? { parts: media } : {}), ...own },
    ...(isObject(part) ? part : {}),
  };
}

function findResults(messages: readonly Message[], first: number, end: number): Found[] {
  const found: Found[] = [];
  for (let index = first; index < end; index++) {
    messages[index]?.content.forEach((block: Block, position) => {
      if (block.type === 'tool-result') found.push({ block, path: `messages[${index}].content[${position}]` });
    });
  }
  return found;
}
