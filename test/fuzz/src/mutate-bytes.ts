import type { Random } from './random.ts';

/** What no text in UTF-8 holds, and what means something to whoever cuts a stream into lines. */
const PIECES: readonly Buffer[] = [
  ...['\n', '\r', '\r\n', '\n\n', '\r\r', '\0', '"', '\\', '{', '}', '[', ']', ',', ':', 'data:', ': ping\n\n'],
  ...['event: error\n', 'data: [DONE]\n\n', '\uFEFF', '\u2028', 'error: {"message":"m"}\n', '\n\nerror: {', 'null'],
].map((text) => Buffer.from(text));
const BROKEN = [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0x80]];

/** Damages bytes as bytes: some are flipped, lost, doubled or put in between. */
export function mutateBytes(random: Random, bytes: Uint8Array): Buffer {
  let out: Buffer = Buffer.from(bytes);
  for (let left = random.few(6); left > 0; left--) out = mutateOnce(random, out);
  return out;
}

function mutateOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.int(bytes.length + 1);
  const length = Math.min(bytes.length - at, random.few(200));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
  switch (random.int(6)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, part, part, after]);
    case 2:
      return Buffer.concat([before, Buffer.from(random.pick(BROKEN)), part, after]);
    case 3:
      return Buffer.concat([before, random.pick(PIECES), part, after]);
    case 4:
      return random.chance(0.5) ? before : Buffer.concat([part, after]);
    default: {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped.writeUInt8(random.int(256), Math.min(at, flipped.length - 1));
      return flipped;
    }
  }
}

/** Bytes that nobody meant anything by. */
export function anyBytes(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.few(400) }, () => random.int(256)));
}

/** The pieces in which a network might bring them. */
export function cut(random: Random, bytes: Buffer): readonly Buffer[] {
  if (random.chance(0.3)) return [bytes];
  const most = random.chance(0.1) && bytes.length < 4_000 ? 1 : random.few(500);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.int(most);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
