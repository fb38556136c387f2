import { addAll, type Block, type JsonObject, type ToolCallBlock, type ToolResultBlock } from '@signalbox/kit';
import { type Content, encodeContent } from './encode-content.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/** A call of the last assistant message. */
export type OpenCall = Pick<ToolCallBlock, 'id' | 'name'>;

interface EncodedResults {
  /** One `tool` message per result, in the order of the calls. */
  readonly messages: readonly JsonObject[];
  /** What is left of the message, and the images of its results: models look for images in user messages. */
  readonly rest: Content;
}

const SAYS_ERROR = /^\W*(?:tool_use_)?(?:error|failed|failure)\b/i;

export function encodeResults(
  content: readonly Block[],
  path: string,
  calls: readonly OpenCall[],
  encoding: Encoding,
): EncodedResults {
  if (!content.some(({ type }) => type === 'tool-result')) {
    return { messages: [], rest: encodeContent(content, `${path}.content`, encoding) };
  }
  const order = new Map(calls.map(({ id }, index) => [id, index]));
  const found: { readonly place: number; readonly message: JsonObject }[] = [];
  const rest: Content = { texts: [], images: [] };
  const hoisted: Content = { texts: [], images: [] };
  content.forEach((block, index) => {
    const at = `${path}.content[${index}]`;
    if (block.type === 'tool-result') {
      const place = order.get(block.callId) ?? order.size;
      found.push({ place, message: encodeResult(block, at, calls[place], hoisted, encoding) });
    } else {
      const { texts, images } = encodeContent([block], `${path}.content`, encoding, index);
      addAll(rest.texts, texts);
      addAll(rest.images, images);
    }
  });
  found.sort((a, b) => a.place - b.place);
  return {
    messages: found.map(({ message }) => message),
    rest: { texts: [...hoisted.texts, ...rest.texts], images: [...hoisted.images, ...rest.images] },
  };
}

function encodeResult(
  block: ToolResultBlock,
  path: string,
  call: OpenCall | undefined,
  hoisted: Content,
  encoding: Encoding,
): JsonObject {
  encoding.target.notes.foreignExtensions(block.extensions, ID, path);
  encoding.dropCacheControl(block, path);
  const { $noId, $noName, ...own } = block.extensions?.[ID] ?? {};
  const { texts, images } = encodeContent(block.content, `${path}.content`, encoding);
  if (images.length > 0) {
    encoding.noteOnce(path, 'mapped', 'images of tool results follow in a user message');
    const number = images.length === 1 ? 'An image' : `${images.length} images`;
    texts.push(`[${number}, attached below]`);
    hoisted.texts.push(`[${number}, from the result of ${call?.name ?? 'a tool'}, call ${block.callId}]`);
    addAll(hoisted.images, images);
  }
  const said = texts.join('\n');
  return {
    role: 'tool',
    ...(call === undefined || $noName === true ? {} : { tool_name: encoding.target.toolNames.alias(call.name) }),
    ...($noId === true || block.callId === '' ? {} : { tool_call_id: block.callId }),
    content: block.isError === true && !SAYS_ERROR.test(said) ? `Error: ${said}` : said,
    ...own,
  };
}
