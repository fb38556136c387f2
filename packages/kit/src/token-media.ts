import type { MediaSource } from '@signalbox/spec';

/** Anthropic counts one token for 750 pixels, after it has scaled an image down to what costs about this much. */
const PIXELS_PER_TOKEN = 750;
const MAX_IMAGE_TOKENS = 1_600;
const MAX_EDGE = 1_568;
/** The smallest one still costs something. */
const MIN_IMAGE_TOKENS = 16;

/**
 * A page of text is about 2,000 tokens and some ten KiB, a scanned page costs no more and has a hundred: between the
 * two, and never less than a page.
 */
const TOKENS_PER_PDF_KIB = 30;
const TOKENS_PER_PAGE = 2_000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** By the size that stands in its first bytes; where it cannot be read there, as a large image. */
export function tokensOfImage(source: MediaSource): number {
  const size = source.type === 'base64' ? imageSize(source.data) : undefined;
  if (size === undefined || size.width === 0 || size.height === 0) return MAX_IMAGE_TOKENS;
  const scale = Math.min(1, MAX_EDGE / Math.max(size.width, size.height));
  const tokens = Math.ceil((size.width * scale * size.height * scale) / PIXELS_PER_TOKEN);
  return Math.min(MAX_IMAGE_TOKENS, Math.max(MIN_IMAGE_TOKENS, tokens));
}

/** By its bytes: how many pages it has stands in compressed parts. */
export function tokensOfDocument(source: MediaSource): number {
  if (source.type !== 'base64') return TOKENS_PER_PAGE;
  return Math.max(TOKENS_PER_PAGE, (source.data.length * 0.75 * TOKENS_PER_PDF_KIB) / 1024);
}

/** Of a PNG, GIF, WebP or JPEG in base64, whatever its media type says; decodes some bytes of it only. */
export function imageSize(base64: string): Size | undefined {
  const head = bytesAt(base64, 0, 32);
  if (head.length < 32) return undefined;
  const start = head.readUInt32BE(0);
  if (start === 0x89504e47) return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if (start === 0x47494638) return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  if (start === 0x52494646 && head.readUInt32BE(8) === 0x57454250) return webpSize(head);
  return start >>> 8 === 0xffd8ff ? jpegSize(base64) : undefined;
}

function webpSize(head: Buffer): Size | undefined {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** More segments than a camera writes ahead of the picture. */
const MAX_SEGMENTS = 64;

/** The size stands in the frame header, behind segments (thumbnails, colour profiles) that are jumped over. */
function jpegSize(base64: string): Size | undefined {
  let at = 2;
  for (let segment = 0; segment < MAX_SEGMENTS; segment++) {
    const bytes = bytesAt(base64, at, 9);
    if (bytes.length < 9 || bytes[0] !== 0xff) return undefined;
    const marker = bytes[1] as number;
    // C4, C8 and CC are tables among the frame headers.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: bytes.readUInt16BE(7), height: bytes.readUInt16BE(5) };
    }
    // A fill byte stands alone; every other segment says how long it is.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(2);
  }
  return undefined;
}

/** Decodes a few bytes in the middle of base64 text: four characters are three bytes. */
function bytesAt(base64: string, offset: number, length: number): Buffer {
  const group = Math.floor(offset / 3);
  const groups = Math.ceil((offset + length) / 3) - group;
  const bytes = Buffer.from(base64.slice(group * 4, (group + groups) * 4), 'base64');
  return bytes.subarray(offset - group * 3, offset - group * 3 + length);
}
