import {
  type Block,
  type DocumentBlock,
  errors,
  type ImageBlock,
  type JsonObject,
  type JsonValue,
  type MediaSource,
  wordOf,
} from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID, isObject } from './fields.ts';

const CHAT = 'openai-chat';
/** What other formats have of a part and is said here, too. */
const TOLD = { [CHAT]: ['detail'] };

export type Part = JsonObject & { type: string };

/** The parts of a message or output for these blocks; `side` says whose words they are. */
export function encodeParts(
  blocks: readonly Block[],
  side: 'input' | 'output',
  path: string,
  encoding: Encoding,
): Part[] {
  return blocks.flatMap((block, index) => encodePart(block, side, `${path}[${index}]`, encoding));
}

export function encodePart(block: Block, side: 'input' | 'output', path: string, encoding: Encoding): Part[] {
  const { notes } = encoding.target;
  if (block.type !== 'opaque') notes.foreignExtensions(block.extensions, ID, path, TOLD);
  if (block.type === 'text') return textPart(block, side, path, encoding);
  if (block.type === 'opaque') return opaquePart(block, side, path, encoding);
  if (side === 'input' && block.type === 'image') return [imagePart(block, path, encoding)];
  if (side === 'input' && block.type === 'document') return documentParts(block, path, encoding);
  notes.add(path, 'dropped', `a ${block.type} block cannot stand here`);
  return [];
}

function textPart(block: Block & { type: 'text' }, side: 'input' | 'output', path: string, encoding: Encoding): Part[] {
  const { text, extensions } = block;
  // Blank text is legal here, but a client of another format may hold a lot of it.
  if (text.trim() === '' && !encoding.ownClient) {
    if (text !== '' || block.cacheControl !== undefined) encoding.noteOnce(path, 'mapped', 'blank text is left out');
    return [];
  }
  const own = extensions?.[ID];
  if (side === 'input') return [{ type: 'input_text', text, ...encoding.breakpoint(block, path) }];
  if (block.cacheControl !== undefined) {
    encoding.noteOnce(`${path}.cacheControl`, 'mapped', 'what the model said has no cache breakpoint here');
  }
  if (own?.$refusal === true) return [{ type: 'refusal', refusal: text }];
  return [
    {
      type: 'output_text',
      text,
      annotations: annotationsOf(own?.deltas),
      ...(own?.logprobs === undefined ? {} : { logprobs: own.logprobs }),
    },
  ];
}

/** The citations that deltas of this format hold. */
export function annotationsOf(deltas: JsonValue | undefined): JsonValue[] {
  if (!Array.isArray(deltas)) return [];
  return deltas.flatMap((delta) => (isObject(delta) && Array.isArray(delta.annotations) ? [...delta.annotations] : []));
}

function opaquePart(
  block: Extract<Block, { type: 'opaque' }>,
  side: 'input' | 'output',
  path: string,
  { target }: Encoding,
): Part[] {
  if (block.format === ID) {
    const { $part: _, ...part } = block.value;
    return [{ type: 'unknown', ...part } as Part];
  }
  if (side === 'output') {
    target.notes.opaqueBlock(block, path);
    return [];
  }
  const kind = wordOf(block.value.type);
  target.notes.add(path, 'approximated', `a ${kind} block of ${block.format} is sent as its JSON text`);
  return [{ type: 'input_text', text: JSON.stringify(block.value) }];
}

function imagePart(block: ImageBlock, path: string, encoding: Encoding): Part {
  const { source, extensions } = block;
  const detail = extensions?.[ID]?.detail ?? extensions?.[CHAT]?.detail ?? 'auto';
  if (source.type === 'file') {
    if (source.format !== ID) throw foreignFile(path, source.format);
    return { type: 'input_image', file_id: source.fileId, detail, ...encoding.breakpoint(block, path) };
  }
  return { type: 'input_image', image_url: urlOf(source), detail, ...encoding.breakpoint(block, path) };
}

function documentParts(block: DocumentBlock, path: string, encoding: Encoding): Part[] {
  const { source, title, context, extensions } = block;
  const heading = [title === undefined ? undefined : `# ${title}`, context].filter((line) => line !== undefined);
  const described: Part[] = heading.length === 0 ? [] : [{ type: 'input_text', text: heading.join('\n') }];
  if (source.type === 'content')
    return [...described, ...encodeParts(source.content, 'input', `${path}.source.content`, encoding)];
  const plain = plainText(source);
  if (plain !== undefined) {
    if (heading.length > 0) encoding.noteOnce(path, 'mapped', 'a document is text under its title');
    return [{ type: 'input_text', text: [...heading, plain].join('\n'), ...encoding.breakpoint(block, path) }];
  }
  if (context !== undefined)
    encoding.noteOnce(path, 'mapped', 'what is said about a document stands in a text before it');
  const about: Part[] = context === undefined ? [] : [{ type: 'input_text', text: context }];
  const detail = extensions?.[ID]?.detail;
  const rest = { ...(detail === undefined ? {} : { detail }), ...encoding.breakpoint(block, path) };
  const named = title === undefined ? {} : { filename: title };
  switch (source.type) {
    case 'file':
      if (source.format !== ID) throw foreignFile(path, source.format);
      return [...about, { type: 'input_file', file_id: source.fileId, ...named, ...rest }];
    case 'url':
      return [...about, { type: 'input_file', file_url: source.url, ...named, ...rest }];
    case 'base64': {
      const filename = title ?? 'document.pdf';
      return [...about, { type: 'input_file', filename, file_data: urlOf(source), ...rest }];
    }
    case 'text':
      return about;
  }
}

function plainText(source: DocumentBlock['source']): string | undefined {
  if (source.type === 'text') return source.text;
  if (source.type !== 'base64' || !source.mediaType.startsWith('text/')) return undefined;
  return Buffer.from(source.data, 'base64').toString();
}

function urlOf(source: Exclude<MediaSource, { type: 'file' }>): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
}

function foreignFile(path: string, format: string): Error {
  return errors.unsupported(
    `${path}: the file was uploaded to a provider of ${format}, and only that one can read it. Send its content instead of its id.`,
  );
}
