import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { imageSize, tokensOfDocument, tokensOfImage } from './token-media.ts';

const rest = Buffer.alloc(64, 7);
const bytes = (...parts: readonly (string | Buffer | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const be32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const be16 = (value: number) => [value >>> 8, value & 255];
const le16 = (value: number) => [value & 255, value >>> 8];
const le24 = (value: number) => [value & 255, (value >>> 8) & 255, value >>> 16];

const png = (width: number, height: number) =>
  bytes([0x89], 'PNG\r\n\x1a\n', be32(13), 'IHDR', be32(width), be32(height), rest);
const gif = (width: number, height: number) => bytes('GIF89a', le16(width), le16(height), rest);
const webp = (kind: string, body: readonly number[]) => bytes('RIFF', be32(0), 'WEBP', kind, be32(0), body, rest);
const lossy = (width: number, height: number) =>
  webp('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, ...le16(width), ...le16(height)]);
const lossless = (width: number, height: number) => {
  const bits = (width - 1) | ((height - 1) << 14);
  return webp('VP8L', [0x2f, bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24]);
};
const extended = (width: number, height: number) => webp('VP8X', [0, 0, 0, 0, ...le24(width - 1), ...le24(height - 1)]);
const segment = (marker: number, length: number) => bytes([0xff, marker], be16(length + 2), Buffer.alloc(length, 0xc0));
const jpeg = (width: number, height: number, ...before: readonly Buffer[]) =>
  bytes([0xff, 0xd8], ...before, [0xff, 0xc2], be16(17), [8], be16(height), be16(width), rest);

const image = (file: Buffer) =>
  tokensOfImage({ type: 'base64', mediaType: 'image/png', data: file.toString('base64') });

describe('imageSize', () => {
  it.each<[string, (width: number, height: number) => Buffer]>([
    ['a PNG', png],
    ['a GIF', gif],
    ['a lossy WebP', lossy],
    ['a lossless WebP', lossless],
    ['an extended WebP', extended],
    ['a JPEG', jpeg],
    [
      'a JPEG with a thumbnail ahead',
      (w, h) => jpeg(w, h, segment(0xe0, 14), segment(0xe1, 40_001), segment(0xc4, 30)),
    ],
    ['a JPEG with fill bytes', (w, h) => jpeg(w, h, segment(0xdb, 65), bytes([0xff]))],
  ])('reads %s', (_name, file) => {
    for (const [width, height] of [
      [1, 1],
      [640, 480],
      [1_025, 7_999],
    ] as const) {
      expect(imageSize(file(width, height).toString('base64'))).toEqual({ width, height });
    }
  });

  it('is not known of anything else, and nothing can break it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(png(3, 4), jpeg(3, 4), lossy(3, 4)),
        (noise, file) => {
          const cut = Buffer.concat([file.subarray(0, noise.length), noise]).toString('base64');
          const size = imageSize(cut);
          expect(size === undefined || (size.width >= 0 && size.height >= 0)).toBe(true);
          const tokens = tokensOfImage({ type: 'base64', mediaType: 'image/png', data: cut });
          expect(tokens > 0 && tokens <= 1_600).toBe(true);
        },
      ),
    );
    expect(imageSize('')).toBeUndefined();
    expect(imageSize('not base64 at all, but long enough to be looked at!!')).toBeUndefined();
    expect(imageSize(segment(0xd8, 65_000).toString('base64'))).toBeUndefined();
  });
});

describe('tokensOfImage', () => {
  it('is a token for 750 pixels', () => {
    expect(image(png(750, 750))).toBe(750);
    expect(image(jpeg(200, 300))).toBe(80);
  });

  it('is that of the picture as it is scaled down', () => {
    expect(image(png(8_000, 8_000))).toBe(1_600);
    expect(image(png(3_136, 100))).toBe(Math.ceil((1_568 * 50) / 750));
  });

  it('is a little for the smallest, and that of a large one where the size is not known', () => {
    expect(image(png(1, 1))).toBe(16);
    expect(image(rest)).toBe(1_600);
    expect(tokensOfImage({ type: 'url', url: 'https://example.com/a.png' })).toBe(1_600);
  });
});

describe('tokensOfDocument', () => {
  const pdf = (kib: number) =>
    tokensOfDocument({ type: 'base64', mediaType: 'application/pdf', data: 'A'.repeat((kib * 4 * 1024) / 3) });

  it('grows with the bytes, from a page on', () => {
    expect(pdf(3)).toBe(2_000);
    expect(pdf(300)).toBeCloseTo(9_000, -1);
    expect(tokensOfDocument({ type: 'file', fileId: 'f', format: 'x' })).toBe(2_000);
  });
});
