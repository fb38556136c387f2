import { addAll, type Block, type DocumentBlock, errors, type ImageBlock, wordOf } from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';

/** What a message of this wire can hold: one text, and images beside it. */
export interface Content {
  readonly texts: string[];
  readonly images: string[];
}

const PARAGRAPH = '\n\n';

/** Texts that stand apart: system blocks, parts of a user's message. */
export function joined({ texts }: Content): string {
  return texts.join(PARAGRAPH);
}

/** `images`, where there are some. */
export function imagesOf({ images }: Content): { images?: string[] } {
  return images.length === 0 ? {} : { images };
}

/** @param first the place of the first block in what `path` names. */
export function encodeContent(blocks: readonly Block[], path: string, encoding: Encoding, first = 0): Content {
  const content: Content = { texts: [], images: [] };
  let textBehindImage: string | undefined;
  blocks.forEach((block, index) => {
    const at = `${path}[${first + index}]`;
    if (block.type !== 'opaque') {
      encoding.target.notes.foreignExtensions(block.extensions, ID, at);
      encoding.dropCacheControl(block, at);
    }
    addBlock(block, at, content, encoding);
    if (block.type === 'text' && content.images.length > 0) textBehindImage ??= at;
  });
  if (textBehindImage !== undefined && blocks[0]?.type === 'text') {
    encoding.noteOnce(textBehindImage, 'approximated', 'images stand beside the text of a message, not inside it');
  }
  return content;
}

function addBlock(block: Block, path: string, content: Content, encoding: Encoding): void {
  const { notes } = encoding.target;
  switch (block.type) {
    case 'text':
      content.texts.push(block.text);
      return;
    case 'image':
      addImage(block, path, content, encoding);
      return;
    case 'document':
      addDocument(block, path, content, encoding);
      return;
    case 'opaque':
      notes.add(
        path,
        'approximated',
        `a ${wordOf(block.value.type)} block of ${block.format} is sent as its JSON text`,
      );
      content.texts.push(JSON.stringify(block.value));
      return;
    default:
      notes.add(path, 'dropped', `a ${block.type} block cannot stand here`);
  }
}

function addImage({ source }: ImageBlock, path: string, { texts, images }: Content, { target }: Encoding): void {
  if (source.type === 'file') throw foreignFile(path, source.format);
  if (source.type === 'base64') {
    images.push(source.data);
    return;
  }
  target.notes.add(path, 'approximated', 'the provider fetches no image URLs: sent as text');
  texts.push(`[Image at ${source.url}]`);
}

function addDocument(block: DocumentBlock, path: string, content: Content, encoding: Encoding): void {
  const { source, title, context } = block;
  const name = title ?? 'a document';
  const heading = [title === undefined ? undefined : `# ${title}`, context].filter((line) => line !== undefined);
  const { notes } = encoding.target;
  if (source.type === 'file') throw foreignFile(path, source.format);
  if (source.type === 'content') {
    if (heading.length > 0) content.texts.push(heading.join('\n'));
    const inner = encodeContent(source.content, `${path}.source.content`, encoding);
    addAll(content.texts, inner.texts);
    addAll(content.images, inner.images);
    return;
  }
  const plain = source.type === 'text' ? source.text : source.type === 'base64' ? plainText(source) : undefined;
  if (plain !== undefined) {
    if (heading.length > 0) encoding.noteOnce(path, 'mapped', 'a document is text under its title');
    content.texts.push([...heading, plain].join('\n'));
    return;
  }
  if (context !== undefined) content.texts.push(context);
  if (source.type === 'url') {
    notes.add(path, 'approximated', 'the provider fetches no documents: sent as text');
    content.texts.push(`[${name}, at ${source.url}]`);
  } else if (source.type === 'base64') {
    notes.add(path, 'dropped', 'the provider takes no documents');
    content.texts.push(`[${name} (${source.mediaType}) was here, which this model cannot read.]`);
  }
}

function plainText({ mediaType, data }: { readonly mediaType: string; readonly data: string }): string | undefined {
  return mediaType.startsWith('text/') ? Buffer.from(data, 'base64').toString() : undefined;
}

function foreignFile(path: string, format: string): Error {
  return errors.unsupported(
    `${path}: the file was uploaded to a provider of ${format}, and only that one can read it. Send its content instead of its id.`,
  );
}
