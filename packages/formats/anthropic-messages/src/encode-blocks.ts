import type {
  Block,
  DocumentBlock,
  JsonObject,
  JsonValue,
  Message,
  ReasoningBlock,
  ToolCallBlock,
} from '@signalbox/kit';
import { encodeCacheControl } from './cache-control.ts';
import { type EncodeContext, encodeExtras, ownExtra, takesField } from './encode-context.ts';
import { documentAsText, encodeDocumentSource, encodeImageSource, encodeTextSource } from './encode-media.ts';
import { wireToolId } from './tool-id.ts';
import { unparsedInput } from './tool-input.ts';
import { ANTHROPIC_ORIGIN, FORMAT_ID, isObject, wireCitations } from './wire.ts';

const HANDLED: ReadonlySet<string> = new Set(['cacheControl', 'source', 'deltas', 'search_result']);

/** Encodes the blocks of one message, in order; what a message of this role cannot hold is noted and left out. */
export function encodeContent(
  content: readonly Block[],
  role: Message['role'],
  path: string,
  context: EncodeContext,
): JsonObject[] {
  const out: JsonObject[] = [];
  for (const [index, block] of content.entries()) {
    const wire = encodeBlock(block, role, `${path}[${index}]`, context);
    if (wire !== undefined) out.push(wire);
  }
  return out;
}

export function encodeBlock(
  block: Block,
  role: Message['role'],
  path: string,
  context: EncodeContext,
): JsonObject | undefined {
  if (block.type === 'opaque') return encodeOpaque(block, path, context);
  if (!fits(block.type, role)) {
    context.notes.add(path, 'dropped', `a ${role} message cannot hold a ${block.type} block`);
    return undefined;
  }
  const wire = encodeBare(block, path, context);
  if (wire === undefined) return undefined;
  encodeCacheControl(wire, block, path, context);
  encodeExtras(wire, block.extensions, HANDLED, path, context);
  return wire;
}

function fits(type: Block['type'], role: Message['role']): boolean {
  if (type === 'text') return true;
  if (type === 'tool-call' || type === 'reasoning') return role === 'assistant';
  // Older API versions take a document in an assistant message.
  if (type === 'document') return role !== 'system';
  return role === 'user';
}

function encodeBare(
  block: Exclude<Block, { type: 'opaque' }>,
  path: string,
  context: EncodeContext,
): JsonObject | undefined {
  switch (block.type) {
    case 'text': {
      if (block.text.trim() === '') {
        if (block.text !== '' || block.cacheControl !== undefined)
          context.notes.add(path, 'mapped', 'blank text is left out');
        return undefined;
      }
      const citations = wireCitations(block.extensions);
      if (citations === undefined || !takesField('citations', path, context)) return { type: 'text', text: block.text };
      return { type: 'text', text: block.text, citations };
    }
    case 'image': {
      const source = encodeImageSource(block.source, path);
      if (source !== undefined) return { type: 'image', source: withSourceExtras(source, block) };
      context.notes.add(path, 'approximated', 'only JPEG, PNG, GIF and WebP images are taken: a note stands for it');
      return { type: 'text', text: '[image left out: its type is not supported]' };
    }
    case 'document':
      return encodeDocument(block, path, context);
    case 'reasoning':
      return encodeReasoning(block, path, context);
    case 'tool-call':
      return {
        type: 'tool_use',
        id: wireToolId(block.id),
        name: context.target.toolNames.alias(block.name),
        input: encodeInput(block, path, context),
      };
    case 'tool-result': {
      const content = encodeResultContent(block.content, path, context);
      return {
        type: 'tool_result',
        tool_use_id: wireToolId(block.callId),
        ...(content === undefined ? {} : { content }),
        ...(block.isError === undefined ? {} : { is_error: block.isError }),
      };
    }
  }
}

function encodeOpaque(
  block: Extract<Block, { type: 'opaque' }>,
  path: string,
  { notes }: EncodeContext,
): JsonObject | undefined {
  if (block.format === FORMAT_ID) return block.value;
  notes.opaqueBlock(block, path);
  return undefined;
}

/** One plain text block is as good as a string, and shorter. */
function encodeResultContent(content: readonly Block[], path: string, context: EncodeContext): JsonValue | undefined {
  const blocks = encodeContent(content, 'user', `${path}.content`, context);
  const [first] = blocks;
  if (first === undefined) return undefined;
  if (blocks.length === 1 && first.type === 'text' && Object.keys(first).length === 2) return first.text;
  return blocks;
}

function encodeDocument(block: DocumentBlock, path: string, context: EncodeContext): JsonObject {
  const { source, title, context: about } = block;
  if (!context.capabilities.documents) return { type: 'text', text: documentAsText(block, path, context) };
  if (ownExtra(block.extensions, 'search_result') === true && source.type === 'content') {
    const content = encodeContent(source.content, 'user', `${path}.source.content`, context);
    return { type: 'search_result', source: about ?? '', title: title ?? '', content };
  }
  const wire =
    source.type === 'text'
      ? encodeTextSource(source.text)
      : source.type === 'content'
        ? { type: 'content', content: encodeContent(source.content, 'user', `${path}.source.content`, context) }
        : encodeDocumentSource(source, `${path}.source`);
  return {
    type: 'document',
    source: withSourceExtras(wire, block),
    ...(title === undefined ? {} : { title }),
    ...(about === undefined ? {} : { context: about }),
  };
}

function withSourceExtras(source: JsonObject, { extensions }: Pick<DocumentBlock, 'extensions'>): JsonObject {
  const extras = ownExtra(extensions, 'source');
  return isObject(extras) ? { ...source, ...extras } : source;
}

/** Reasoning goes back to its own origin only, with the very signature that came with it. */
function encodeReasoning(block: ReasoningBlock, path: string, context: EncodeContext): JsonObject | undefined {
  const { target, capabilities, notes } = context;
  const { text, state } = block;
  const own = ownReasoning(block, context);
  if (own !== undefined) return own;
  const atHome = state?.origin === target.reasoningOrigin;
  const unsigned = block.redacted !== true && text !== '' && capabilities.unsignedThinking;
  if (unsigned && (state === undefined || atHome)) {
    if (state === undefined) notes.add(path, 'mapped', 'reasoning of unknown origin goes along as the provider’s own');
    return { type: 'thinking', thinking: text, signature: '' };
  }
  notes.add(path, 'dropped', lossOf(block, atHome));
  const { noThinking } = capabilities;
  return noThinking === false ? undefined : { type: 'thinking', thinking: noThinking, signature: '' };
}

/** Reasoning that this target has issued, as it was; `undefined`: it is none, or it cannot be sent. */
export function ownReasoning(
  { text, state, redacted }: ReasoningBlock,
  { target, capabilities }: Pick<EncodeContext, 'target' | 'capabilities'>,
): JsonObject | undefined {
  if (state === undefined || state.origin !== target.reasoningOrigin) return undefined;
  const proof = typeof state.data === 'string' ? state.data : undefined;
  if (redacted === true) {
    return proof === undefined || !capabilities.redactedThinking
      ? undefined
      : { type: 'redacted_thinking', data: proof };
  }
  if (!proof && target.reasoningOrigin === ANTHROPIC_ORIGIN) return undefined;
  return { type: 'thinking', thinking: text, signature: proof ?? '' };
}

function lossOf({ state, redacted }: ReasoningBlock, atHome: boolean): string {
  if (atHome && redacted === true) return 'this provider takes no redacted reasoning';
  return state === undefined || atHome
    ? 'reasoning without a signature is refused'
    : `reasoning of ${state.origin} is valid there only`;
}

/** Input must be an object here. */
function encodeInput(block: ToolCallBlock, path: string, { notes }: EncodeContext): JsonObject {
  const unparsed = unparsedInput(block);
  if (unparsed !== undefined) {
    notes.add(`${path}.input`, 'approximated', 'the arguments are not valid JSON: sent as text under "_raw"');
    return unparsed;
  }
  const { input } = block;
  if (isObject(input)) return input;
  if (input === null) return {};
  notes.add(`${path}.input`, 'approximated', 'the arguments are not an object: wrapped as {"value": …}');
  return { value: input };
}
