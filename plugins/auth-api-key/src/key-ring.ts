import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '@signalbox/kit';

const ID_CHARS = 12;

export interface NamedKey {
  readonly key: string;
  readonly name?: string;
}

/** A lookup among a few keys. Neither its time nor its answer says how near a wrong key was, or how long a right one is. */
export function createKeyRing(keys: readonly NamedKey[]): (presented: string) => Principal | undefined {
  const entries = keys.map(({ key, name }) => {
    const digest = sha256(key);
    return { digest, principal: Object.freeze({ id: name ?? shortId(digest) }) };
  });
  return (presented) => {
    const digest = sha256(presented);
    let found: Principal | undefined;
    // All of them, whichever fits: digests have one length, and no early exit tells a position.
    for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry.principal;
    return found;
  };
}

/** A name for a key in logs that does not lead back to it. */
export function keyId(key: string): string {
  return shortId(sha256(key));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function shortId(digest: Buffer): string {
  return `key-${digest.toString('hex').slice(0, ID_CHARS)}`;
}
