import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { mutateBytes } from './mutate-bytes.ts';
import type { Random } from './random.ts';

/** A body as it is sent packed, and how it says so. */
export interface Packed {
  readonly encoding: string;
  readonly bytes: Buffer;
  /** What is inside may come out in part, but not as anything else. */
  readonly honest: boolean;
}

const WAYS: readonly (readonly [encoding: string, pack: (bytes: Buffer) => Buffer])[] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['x-gzip', (bytes) => gzipSync(bytes)],
  ['GZIP', (bytes) => gzipSync(bytes)],
  ['deflate', (bytes) => deflateSync(bytes)],
  ['br', (bytes) => brotliCompressSync(bytes)],
  // In two members, as a server that flushes in between may send it.
  ['gzip', (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 50)), gzipSync(bytes.subarray(50))])],
];
/** What nobody here can unpack, or what is not packed as it says. */
const LIES: typeof WAYS = [
  ['deflate', (bytes) => deflateRawSync(bytes)],
  ['zstd', (bytes) => zstdCompressSync(bytes)],
  ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
  ['gzip', (bytes) => brotliCompressSync(bytes)],
  ['br', (bytes) => bytes],
  ['nonsense', (bytes) => bytes],
  ['', (bytes) => gzipSync(bytes)],
];

/** Packs a body in some way, and now and then breaks it: cut in the middle, with something behind it, or damaged. */
export function pack(random: Random, content: Buffer): Packed {
  const lies = random.chance(0.2);
  const [encoding, run] = random.pick(lies ? LIES : WAYS);
  const bytes = run(content);
  const share = random.next();
  if (lies || share < 0.4) return { encoding, bytes, honest: !lies };
  if (share < 0.7) return { encoding, bytes: bytes.subarray(0, random.int(bytes.length + 1)), honest: true };
  if (share < 0.85) return { encoding, bytes: Buffer.concat([bytes, Buffer.from('what follows')]), honest: true };
  return { encoding, bytes: mutateBytes(random, bytes), honest: false };
}
