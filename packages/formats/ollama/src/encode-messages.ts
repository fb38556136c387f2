import {
  addAll,
  type Block,
  type ChatRequest,
  type JsonObject,
  type Message,
  type ReasoningBlock,
  type TextBlock,
} from '@signalbox/kit';
import { argumentsOf } from './call-arguments.ts';
import { type Content, encodeContent, imagesOf, joined } from './encode-content.ts';
import { encodeResults, type OpenCall } from './encode-results.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/** Claude Code's first system block: it differs in each conversation and would spoil every prefix cache. One line, and no more. */
const BILLING_HEADER = /^x-anthropic-billing-header:[^\n]*\n*$/;

/**
 * The messages of the wire: one system message, then turn by turn, results of tools before what else a user says.
 * @param instructions what the request asks for in other fields and this wire can only say in words.
 */
export function encodeMessages(
  request: ChatRequest,
  instructions: readonly string[],
  encoding: Encoding,
): JsonObject[] {
  const out: JsonObject[] = [];
  const system = encodeSystem(request.system, instructions, encoding);
  if (system !== undefined) out.push(system);
  let calls: readonly OpenCall[] = [];
  request.messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    encoding.target.notes.foreignExtensions(message.extensions, ID, path);
    if (message.role === 'assistant') {
      const encoded = encodeAssistant(message, index, encoding);
      calls = encoded.calls;
      if (encoded.message !== undefined) out.push(encoded.message);
      else encoding.noteOnce(path, 'dropped', 'an assistant message without content');
      return;
    }
    const results = encodeResults(message.content, path, calls, encoding);
    addAll(out, results.messages);
    if (message.content.length > 0 && results.rest.texts.length === 0 && results.rest.images.length === 0) return;
    out.push({
      role: message.role,
      content: joined(results.rest),
      ...imagesOf(results.rest),
      ...message.extensions?.[ID],
    });
  });
  const last = request.messages.at(-1);
  if (last?.role === 'assistant' && !last.content.some(({ type }) => type === 'tool-call')) {
    const path = `messages[${request.messages.length - 1}]`;
    encoding.target.notes.add(path, 'approximated', 'the model’s template decides whether it goes on from there');
  }
  return out;
}

/** The system prompt as one text. */
export function encodeSystem(
  blocks: readonly TextBlock[],
  instructions: readonly string[],
  encoding: Encoding,
): JsonObject | undefined {
  const { notes } = encoding.target;
  const texts: string[] = [];
  let own: JsonObject | undefined;
  blocks.forEach((block, index) => {
    const path = `system[${index}]`;
    notes.foreignExtensions(block.extensions, ID, path);
    encoding.dropCacheControl(block, path);
    if (BILLING_HEADER.test(block.text))
      notes.add(path, 'mapped', 'left out: a billing header, which only Anthropic reads');
    else texts.push(block.text);
    own ??= block.extensions?.[ID];
  });
  addAll(texts, instructions);
  return texts.length === 0 ? undefined : { role: 'system', content: joined({ texts, images: [] }), ...own };
}

function encodeAssistant(
  message: Message,
  index: number,
  encoding: Encoding,
): { readonly message: JsonObject | undefined; readonly calls: readonly OpenCall[] } {
  const path = `messages[${index}].content`;
  const { notes } = encoding.target;
  const said: Content = { texts: [], images: [] };
  const reasoning: { readonly block: ReasoningBlock; readonly at: string }[] = [];
  const calls: OpenCall[] = [];
  const wireCalls: JsonObject[] = [];
  let last: Block['type'] | undefined;
  message.content.forEach((block, position) => {
    const at = `${path}[${position}]`;
    if (block.type === 'reasoning') {
      notes.foreignExtensions(block.extensions, ID, at);
      reasoning.push({ block, at });
    } else if (block.type === 'tool-call') {
      notes.foreignExtensions(block.extensions, ID, at);
      encoding.dropCacheControl(block, at);
      calls.push(block);
      wireCalls.push(encodeCall(block, at, encoding));
    } else if (block.type === 'opaque') {
      notes.opaqueBlock(block, at);
      return;
    } else {
      if (wireCalls.length > 0) encoding.noteOnce(at, 'approximated', 'text after a tool call stands before it');
      const { texts, images } = encodeContent([block], path, encoding, position);
      addAll(said.images, images);
      // Adjacent text is one text; text that calls or reasoning came between is set apart.
      const before = last === 'text' && block.type === 'text' ? said.texts.pop() : undefined;
      addAll(said.texts, before === undefined ? texts : [before + texts.join('')]);
    }
    last = block.type;
  });
  const thinking = encodeReasoning(reasoning, encoding);
  const content = joined(said);
  const empty = content === '' && said.images.length === 0 && wireCalls.length === 0 && thinking === '';
  if (empty && message.content.length > 0) return { message: undefined, calls };
  return {
    calls,
    message: {
      role: 'assistant',
      content,
      ...(thinking === '' ? {} : { thinking }),
      ...imagesOf(said),
      ...(wireCalls.length === 0 ? {} : { tool_calls: wireCalls }),
      ...message.extensions?.[ID],
    },
  };
}

function encodeCall(block: Extract<Block, { type: 'tool-call' }>, path: string, encoding: Encoding): JsonObject {
  const { value, changed } = argumentsOf(block);
  if (changed !== undefined) encoding.target.notes.add(`${path}.input`, 'approximated', changed);
  const own = block.extensions?.[ID];
  return {
    ...(own?.$madeId === true ? {} : { id: block.id }),
    function: {
      ...(own?.$index === undefined ? {} : { index: own.$index }),
      name: encoding.target.toolNames.alias(block.name),
      arguments: value,
    },
  };
}

/** There are no signatures here: text that is the target's own, or of unknown origin, goes back as text. */
function encodeReasoning(
  placed: readonly { readonly block: ReasoningBlock; readonly at: string }[],
  encoding: Encoding,
): string {
  const { reasoningOrigin } = encoding.target;
  const texts: string[] = [];
  for (const { block, at } of placed) {
    if (block.state !== undefined && block.state.origin !== reasoningOrigin) {
      encoding.noteOnce(at, 'dropped', 'reasoning of another provider');
    } else if (block.text !== '') texts.push(block.text);
  }
  return texts.join('\n\n');
}
