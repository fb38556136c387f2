import {
  type Block,
  type DocumentBlock,
  entryOf,
  errors,
  type ImageBlock,
  type JsonObject,
  wordOf,
} from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

const IMAGES: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
const DOCUMENTS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
};

/** Text, images and documents of a user message or a tool result; blank text is a 400 and left out. */
export function encodeParts(blocks: readonly Block[], path: string, encoding: Encoding): JsonObject[] {
  return blocks.flatMap((block, index) => encodePart(block, `${path}[${index}]`, encoding));
}

export function encodePart(block: Block, path: string, encoding: Encoding): JsonObject[] {
  const { notes } = encoding;
  if (block.type === 'opaque') {
    notes.add(path, 'approximated', `a ${wordOf(block.value.type)} block of ${block.format} is sent as its JSON text`);
    return [{ text: JSON.stringify(block.value) }];
  }
  notes.foreignExtensions(block.extensions, ID, path);
  switch (block.type) {
    case 'text':
      if (block.text.trim() === '') {
        encoding.noteOnce(path, 'dropped', 'blank text');
        return [];
      }
      return [{ text: block.text }, ...encoding.cachePoint(block.cacheControl)];
    case 'image':
      return [...encodeImage(block, path, encoding), ...encoding.cachePoint(block.cacheControl)];
    case 'document':
      return [...encodeDocument(block, path, encoding), ...encoding.cachePoint(block.cacheControl)];
    default:
      notes.add(path, 'dropped', `a ${block.type} block cannot stand here`);
      return [];
  }
}

function encodeImage({ source }: ImageBlock, path: string, { notes }: Encoding): JsonObject[] {
  if (source.type === 'file') throw foreignFile(path, source.format);
  if (source.type === 'url') {
    notes.add(path, 'approximated', 'Bedrock fetches no image URLs: sent as text');
    return [{ text: `[Image at ${source.url}]` }];
  }
  const format = entryOf(IMAGES, source.mediaType.toLowerCase());
  if (format === undefined) {
    notes.add(path, 'dropped', 'only PNG, JPEG, GIF and WebP images are taken: a text stands for it');
    return [{ text: '[An image was here, of a type that is not supported.]' }];
  }
  return [{ image: { format, source: { bytes: source.data } } }];
}

function encodeDocument(block: DocumentBlock, path: string, encoding: Encoding): JsonObject[] {
  const { source, title, context } = block;
  const heading = [title === undefined ? undefined : `# ${title}`, context].filter((line) => line !== undefined);
  const described = heading.length === 0 ? [] : [{ text: heading.join('\n') }];
  if (source.type === 'text') {
    if (heading.length > 0) encoding.noteOnce(path, 'mapped', 'a document of text is text under its title');
    return [{ text: [...heading, source.text].join('\n') }];
  }
  if (source.type === 'content') return [...described, ...encodeParts(source.content, `${path}.source`, encoding)];
  if (source.type === 'file') throw foreignFile(path, source.format);
  if (source.type === 'url') {
    encoding.notes.add(path, 'approximated', 'Bedrock fetches no documents: sent as text');
    return [{ text: `[${title ?? 'A document'}, at ${source.url}]` }];
  }
  const format = entryOf(DOCUMENTS, source.mediaType.toLowerCase().replace(/;.*/, ''));
  if (format === undefined) {
    encoding.notes.add(path, 'dropped', 'Bedrock takes no documents of this type: a text stands for it');
    return [{ text: `[${title ?? 'A document'} (${source.mediaType}) was here, which this model cannot read.]` }];
  }
  const name = encoding.documentName(title);
  if (name !== title) encoding.noteOnce(path, 'mapped', 'documents have short names of their own here');
  return [
    {
      document: {
        format,
        name,
        source: { bytes: source.data },
        ...(context === undefined ? {} : { context }),
      },
    },
  ];
}

function foreignFile(path: string, format: string): Error {
  return errors.unsupported(
    `${path}: the file was uploaded to a provider of ${format}, and only that one can read it. Send its content instead of its id.`,
  );
}
