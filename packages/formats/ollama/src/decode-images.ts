import { errors, type ImageBlock, type JsonValue } from '@signalbox/kit';
import { optionalArray } from './fields.ts';

/** How the bytes of each kind begin, in base64. */
const MAGIC: readonly (readonly [prefix: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['Qk', 'image/bmp'],
  ['SUQz', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
  ['ZkxhQw', 'audio/flac'],
];
const RIFF = 'UklGR';
const UNKNOWN = 'application/octet-stream';
const DATA_URL = /^data:([^;,]*);base64,/;

/**
 * The images of a message: raw base64, whose kind only its first bytes tell. Audio comes in the same list.
 * @throws {SignalboxError} INVALID_REQUEST that names the image.
 */
export function decodeImages(value: JsonValue | undefined, path: string): ImageBlock[] {
  return optionalArray(value, path).map((image, index) => {
    if (typeof image !== 'string') throw errors.invalidRequest(`${path}[${index}]: must be a base64 string.`);
    const prefix = image.startsWith('data:') ? DATA_URL.exec(image) : null;
    const data = prefix === null ? image : image.slice(prefix[0].length);
    return { type: 'image', source: { type: 'base64', mediaType: mediaTypeOf(data), data } };
  });
}

function mediaTypeOf(data: string): string {
  if (data.startsWith(RIFF)) {
    const kind = Buffer.from(data.slice(0, 16), 'base64').toString('latin1', 8, 12);
    return kind === 'WEBP' ? 'image/webp' : kind === 'WAVE' ? 'audio/wav' : UNKNOWN;
  }
  return MAGIC.find(([prefix]) => data.startsWith(prefix))?.[1] ?? UNKNOWN;
}
