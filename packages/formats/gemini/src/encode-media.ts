import {
  type DocumentBlock,
  entryOf,
  errors,
  type ImageBlock,
  type JsonObject,
  type MediaSource,
} from '@signalbox/kit';
import type { Encoding } from './encoding.ts';
import { ID, isObject, text } from './fields.ts';

const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif']);
const TYPE_OF_NAME: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
};

/** @throws {SignalboxError} UNSUPPORTED for a URL that the server does not read, and for another provider's file. */
export function encodeImage(block: ImageBlock, path: string, encoding: Encoding): JsonObject {
  const own = block.extensions?.[ID] ?? {};
  const source = resolved(block.source);
  if (source.type !== 'base64') return withExtras(encodeUri(source, own, path, encoding), own);
  if (!IMAGE_TYPES.has(source.mediaType) && !encoding.ownClient) {
    encoding.target.notes.add(path, 'approximated', `${source.mediaType} images are not taken: a note stands for it`);
    return { text: `[An image was here (${source.mediaType}), which this model cannot read.]` };
  }
  return withExtras({ inlineData: inline(source, text(own.displayName), own) }, own);
}

/** A document's parts: what is said about it, then its text or its bytes. */
export function encodeDocument(
  block: DocumentBlock,
  source: Exclude<DocumentBlock['source'], { type: 'content' }>,
  path: string,
  encoding: Encoding,
): JsonObject[] {
  const { title, context } = block;
  const own = block.extensions?.[ID] ?? {};
  const heading = [title === undefined ? undefined : `# ${title}`, context].filter((line) => line !== undefined);
  if (source.type === 'text') return [{ text: [...heading, source.text].join('\n') }];
  const about = heading.length === 0 || encoding.ownClient ? [] : [{ text: heading.join('\n') }];
  const media = resolved(source);
  if (media.type !== 'base64') return [...about, withExtras(encodeUri(media, own, path, encoding), own)];
  if (media.mediaType !== 'application/pdf' && !media.mediaType.startsWith('text/') && !encoding.ownClient) {
    throw errors.unsupported(`${path}: Gemini reads no documents of type ${media.mediaType}; send PDF or text.`);
  }
  const name = encoding.ownClient ? title : undefined;
  return [...about, withExtras({ inlineData: inline(media, name, own) }, own)];
}

/** What is said about a document of blocks. */
export function headingOf({ title, context }: DocumentBlock): JsonObject[] {
  const lines = [title === undefined ? undefined : `# ${title}`, context].filter((line) => line !== undefined);
  return lines.length === 0 ? [] : [{ text: lines.join('\n') }];
}

function inline(
  { mediaType, data }: Extract<MediaSource, { type: 'base64' }>,
  displayName: string | undefined,
  own: JsonObject,
): JsonObject {
  return {
    mimeType: mediaType,
    data,
    ...(displayName === undefined ? {} : { displayName }),
    ...(isObject(own.inlineData) ? own.inlineData : {}),
  };
}

function encodeUri(
  source: Exclude<MediaSource, { type: 'base64' }>,
  own: JsonObject,
  path: string,
  { dialect }: Encoding,
): JsonObject {
  if (source.type === 'file') {
    if (source.format === ID) return { fileData: { ...asWritten(own), fileUri: source.fileId } };
    throw errors.unsupported(
      `${path}: the file was uploaded to a provider of ${source.format}, and only that one can read it. Send its content instead of its id.`,
    );
  }
  if (isObject(own.$fileData)) return { fileData: { ...asWritten(own), fileUri: source.url } };
  const mimeType = dialect.mediaUrls ? typeOf(source.url) : undefined;
  if (mimeType !== undefined) return { fileData: { mimeType, fileUri: source.url } };
  throw errors.unsupported(`${path}: Gemini does not fetch URLs. Send the content itself, in base64.`);
}

function asWritten({ $fileData }: JsonObject): JsonObject {
  return isObject($fileData) ? $fileData : {};
}

function withExtras(part: JsonObject, own: JsonObject): JsonObject {
  const { displayName: _d, $fileData: _f, inlineData: _i, ...extras } = own;
  return { ...part, ...extras };
}

function typeOf(url: string): string | undefined {
  const name = /\.([a-z]+)(?:[?#].*)?$/i.exec(url)?.[1]?.toLowerCase();
  return entryOf(TYPE_OF_NAME, name);
}

/** A data URL is bytes. */
function resolved(source: MediaSource): MediaSource {
  if (source.type !== 'url' || !source.url.startsWith('data:')) return source;
  const comma = source.url.indexOf(',');
  const [mediaType = '', ...parameters] = source.url.slice(5, Math.max(5, comma)).split(';');
  const payload = source.url.slice(comma + 1);
  const data = parameters.includes('base64') ? payload : Buffer.from(percentDecoded(payload)).toString('base64');
  return { type: 'base64', mediaType: mediaType === '' ? 'text/plain' : mediaType, data };
}

function percentDecoded(payload: string): string {
  try {
    return decodeURIComponent(payload);
  } catch {
    return payload;
  }
}
