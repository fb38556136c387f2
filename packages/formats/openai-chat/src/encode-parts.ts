import {
  addAll,
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
import { ID } from './fields.ts';

const RESPONSES = 'openai-responses';
/** What other formats have of a part and is said here, too. */
const TOLD = { [RESPONSES]: ['detail'] };

export type Part = JsonObject & { type: string };

/**
 * The parts of a message for these blocks; blank text is left out, because many servers refuse it.
 * @param first the place of the first block in what `path` names.
 */
export function encodeParts(blocks: readonly Block[], path: string, encoding: Encoding, first = 0): Part[] {
  const parts: Part[] = [];
  blocks.forEach((block, index) => {
    const at = `${path}[${first + index}]`;
    if (block.type !== 'opaque') encoding.target.notes.foreignExtensions(block.extensions, ID, at, TOLD);
    switch (block.type) {
      case 'text':
        if (block.text.trim() === '') {
          encoding.noteOnce(at, 'mapped', 'blank text is left out');
        } else {
          parts.push(textPart(block.text, block, at, encoding));
        }
        break;
      case 'image':
        parts.push(imagePart(block, at, encoding));
        break;
      case 'document':
        addAll(parts, documentParts(block, at, encoding));
        break;
      case 'opaque':
        if (block.format === ID) {
          parts.push({ type: 'unknown', ...block.value } as Part);
        } else {
          encoding.target.notes.add(
            at,
            'approximated',
            `a ${wordOf(block.value.type)} block of ${block.format} is sent as its JSON text`,
          );
          parts.push({ type: 'text', text: JSON.stringify(block.value) });
        }
        break;
      default:
        encoding.target.notes.add(at, 'dropped', `a ${block.type} block cannot stand here`);
    }
  });
  return parts;
}

/** `content` for these parts: a string where the dialect wants one or nothing is lost by it. */
export function contentOf(parts: readonly Part[], flatten: boolean): string | Part[] {
  const plain = parts.every((part) => part.type === 'text' && Object.keys(part).length === 2);
  if (!plain || (parts.length > 1 && !flatten)) return [...parts];
  return parts.map((part) => String(part.text)).join('\n\n');
}

export function textPart(
  text: string,
  block: Pick<Block & { type: 'text' }, 'cacheControl' | 'extensions'>,
  path: string,
  encoding: Encoding,
): Part {
  return { type: 'text', text, ...partExtras(block, path, encoding) };
}

function partExtras(
  block: Pick<Block & { type: 'text' }, 'cacheControl' | 'extensions'>,
  path: string,
  encoding: Encoding,
): JsonObject {
  const breakpoint = block.extensions?.[ID]?.$breakpoint;
  if (breakpoint !== undefined) return { prompt_cache_breakpoint: breakpoint };
  const control = encoding.cacheControl(block, path);
  return control === undefined ? {} : { cache_control: control };
}

function imagePart(block: ImageBlock, path: string, encoding: Encoding): Part {
  const { dialect, target } = encoding;
  const { source } = block;
  if (source.type === 'file') throw foreignFile(path, source.format);
  if (!dialect.images) {
    target.notes.add(path, 'dropped', 'the model takes no images');
    return { type: 'text', text: '[An image was here, which this model cannot see.]' };
  }
  if (source.type === 'url' && !dialect.imageUrls) {
    target.notes.add(path, 'approximated', 'the provider fetches no image URLs: sent as text');
    return { type: 'text', text: `[Image at ${source.url}]` };
  }
  const detail = detailOf(block, path, encoding);
  return {
    type: 'image_url',
    image_url: { url: urlOf(source), ...(detail === undefined ? {} : { detail }) },
    ...partExtras(block, path, encoding),
  };
}

/** How closely the model is to look, as either of OpenAI's formats says it. */
function detailOf({ extensions }: ImageBlock, path: string, { target }: Encoding): JsonValue | undefined {
  const { detail, $detail } = extensions?.[ID] ?? {};
  const kin = extensions?.[RESPONSES]?.detail;
  if (kin !== 'original') return detail ?? $detail ?? kin;
  target.notes.add(`${path}.detail`, 'approximated', '"original" is sent as "high"');
  return 'high';
}

function documentParts(block: DocumentBlock, path: string, encoding: Encoding): Part[] {
  const { documents } = encoding.dialect;
  const { source, title, context } = block;
  const heading = [title === undefined ? undefined : `# ${title}`, context].filter((line) => line !== undefined);
  const described = heading.length === 0 ? [] : [{ type: 'text', text: heading.join('\n') }];
  if (source.type === 'content')
    return [...described, ...encodeParts(source.content, `${path}.source.content`, encoding)];
  const plain = plainText(source);
  if (source.type === 'text' || plain !== undefined) {
    if (heading.length > 0) encoding.noteOnce(path, 'mapped', 'a document is text under its title');
    return [textPart([...heading, source.type === 'text' ? source.text : plain].join('\n'), block, path, encoding)];
  }
  if (source.type === 'file') {
    if (source.format !== ID) throw foreignFile(path, source.format);
    return [{ type: 'file', file: { file_id: source.fileId, ...(title === undefined ? {} : { filename: title }) } }];
  }
  if (context !== undefined)
    encoding.noteOnce(path, 'mapped', 'what is said about a document stands in a text before it');
  const about = context === undefined ? [] : [{ type: 'text', text: context }];
  if (documents === 'document_url') {
    return [
      ...about,
      { type: 'document_url', document_url: urlOf(source), ...(title === undefined ? {} : { document_name: title }) },
    ];
  }
  if (documents === 'file' && source.type === 'base64') {
    const file = { filename: title ?? 'document.pdf', file_data: urlOf(source) };
    return [...about, { type: 'file', file, ...partExtras(block, path, encoding) }];
  }
  const name = title ?? 'a document';
  if (source.type === 'url') {
    encoding.target.notes.add(path, 'approximated', 'the provider fetches no documents: sent as text');
    return [...about, { type: 'text', text: `[${name}, at ${source.url}]` }];
  }
  encoding.target.notes.add(path, 'dropped', 'the provider takes no documents');
  return [...about, { type: 'text', text: `[${name} (${source.mediaType}) was here, which this model cannot read.]` }];
}

function plainText(source: DocumentBlock['source']): string | undefined {
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
