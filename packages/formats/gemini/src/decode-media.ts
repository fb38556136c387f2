import type { Block, JsonObject } from '@signalbox/kit';
import { extrasOf, ID, needObject, needString, tagged, text } from './fields.ts';

const INLINE_PART: ReadonlySet<string> = new Set(['inlineData', 'thoughtSignature']);
const FILE_PART: ReadonlySet<string> = new Set(['fileData', 'thoughtSignature']);
const INLINE: ReadonlySet<string> = new Set(['mimeType', 'data', 'displayName']);
const FILE: ReadonlySet<string> = new Set(['fileUri']);
/** URLs that only Google resolves: uploaded files, its storage, its videos. */
const GOOGLES =
  /^(?:https:\/\/generativelanguage\.googleapis\.com\/|gs:\/\/|https?:\/\/(?:www\.)?(?:youtube\.com|youtu\.be)\/)/;

/** Bytes in a part: an image or a document. Sound and video have no place in the canonical model and stay whole. */
export function decodeInlineData(part: JsonObject, path: string): Block {
  const blob = needObject(part.inlineData, `${path}.inlineData`);
  const mediaType = needString(blob.mimeType, `${path}.inlineData.mimeType`);
  const data = needString(blob.data, `${path}.inlineData.data`);
  const type = blockType(mediaType);
  if (type === undefined) return { type: 'opaque', format: ID, value: part };
  const source = { type: 'base64', mediaType, data } as const;
  const inner = extrasOf(blob, INLINE);
  const rest = tagged(joined(extrasOf(part, INLINE_PART), inner === undefined ? undefined : { inlineData: inner }));
  const title = text(blob.displayName);
  if (type === 'document') return { type, source, ...(title === undefined ? {} : { title }), ...rest };
  return { type, source, ...(title === undefined ? rest : tagged({ ...rest.extensions?.[ID], displayName: title })) };
}

/** A file by its URI: Google's own as an id that only Google resolves, any other as a URL. */
export function decodeFileData(part: JsonObject, path: string): Block {
  const file = needObject(part.fileData, `${path}.fileData`);
  const uri = needString(file.fileUri, `${path}.fileData.fileUri`);
  const type = blockType(text(file.mimeType) ?? '');
  if (type === undefined) return { type: 'opaque', format: ID, value: part };
  const source = GOOGLES.test(uri)
    ? ({ type: 'file', fileId: uri, format: ID } as const)
    : ({ type: 'url', url: uri } as const);
  // Whoever writes a URL as a file knows that this target reads it: the mark brings it back as one.
  return { type, source, ...tagged(joined(extrasOf(part, FILE_PART), { $fileData: extrasOf(file, FILE) ?? {} })) };
}

export function blockType(mediaType: string): 'image' | 'document' | undefined {
  if (mediaType.startsWith('image/')) return 'image';
  return mediaType === 'application/pdf' || mediaType.startsWith('text/') ? 'document' : undefined;
}

function joined(a: JsonObject | undefined, b: JsonObject | undefined): JsonObject | undefined {
  return a === undefined ? b : b === undefined ? a : { ...a, ...b };
}
