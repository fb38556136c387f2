import { type DocumentBlock, errors, type JsonObject, type MediaSource } from '@signalbox/kit';
import type { EncodeContext } from './encode-context.ts';
import { FORMAT_ID } from './wire.ts';

const IMAGE_TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const PDF = 'application/pdf';

/** The wire source of an image; `undefined` where this format has no such image type. */
export function encodeImageSource(source: MediaSource, path: string): JsonObject | undefined {
  const resolved = resolveSource(source, path);
  if (resolved.type === 'base64' && !IMAGE_TYPES.has(resolved.mediaType)) return undefined;
  return encodeSource(resolved);
}

/**
 * The wire source of a document in the form of bytes, a URL or an id.
 * @throws {SignalboxError} UNSUPPORTED for bytes that are neither PDF nor text.
 */
export function encodeDocumentSource(source: MediaSource, path: string): JsonObject {
  const resolved = resolveSource(source, path);
  if (resolved.type !== 'base64' || resolved.mediaType === PDF) return encodeSource(resolved);
  if (resolved.mediaType.startsWith('text/')) return encodeTextSource(Buffer.from(resolved.data, 'base64').toString());
  throw errors.unsupported(`${path}: documents of type ${resolved.mediaType} are not supported; send PDF or text`);
}

export function encodeTextSource(text: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data: text };
}

/**
 * A document for a provider that takes none: its text under its title, or a line that says what is missing. It is no
 * refusal, because a client sends the document again in every later turn.
 */
export function documentAsText(block: DocumentBlock, path: string, { notes }: EncodeContext): string {
  const { source, title, context } = block;
  const lines = [title, context].filter((line) => line !== undefined && line !== '');
  if (source.type === 'text') lines.push(source.text);
  else if (source.type === 'content') {
    for (const [index, inner] of source.content.entries()) {
      if (inner.type === 'text') lines.push(inner.text);
      else notes.add(`${path}.source.content[${index}]`, 'dropped', 'this provider takes no documents');
    }
  } else {
    notes.add(path, 'dropped', 'this provider takes no documents');
    return [...lines, '[A document stood here, which this model cannot read.]'].join('\n');
  }
  notes.add(path, 'approximated', 'this provider takes no documents: sent as text');
  return lines.join('\n');
}

/** A data URL becomes its bytes; an id of another format means nothing here. */
function resolveSource(source: MediaSource, path: string): MediaSource {
  if (source.type === 'file' && source.format !== FORMAT_ID) {
    throw errors.unsupported(
      `${path}: this provider cannot read a file id of ${source.format}; send the content itself`,
    );
  }
  if (source.type !== 'url' || !source.url.startsWith('data:')) return source;
  const comma = source.url.indexOf(',');
  const [mediaType = '', ...parameters] = source.url.slice(5, Math.max(5, comma)).split(';');
  const body = source.url.slice(comma + 1);
  try {
    const data = parameters.includes('base64') ? body : Buffer.from(decodeURIComponent(body)).toString('base64');
    return { type: 'base64', mediaType: mediaType === '' ? 'text/plain' : mediaType, data };
  } catch {
    throw errors.invalidRequest(`${path}: the data URL is not valid`);
  }
}

function encodeSource(source: MediaSource): JsonObject {
  if (source.type === 'base64') return { type: 'base64', media_type: source.mediaType, data: source.data };
  if (source.type === 'url') return { type: 'url', url: source.url };
  return { type: 'file', file_id: source.fileId };
}
