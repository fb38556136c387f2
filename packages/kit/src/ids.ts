import { randomFillSync } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/**
 * What the gateway's own ids begin with, behind the kind of thing if any: `sbx_…`, `resp_sbx_…`, `msg_sbx…`. No provider
 * knows what is called so.
 */
export const MADE_UP = 'sbx';
const MADE_UP_ID = new RegExp(`^[a-z]+_${MADE_UP}`);

const pool = Buffer.allocUnsafe(4096);
let offset = pool.length;

/** Whether something is called so by the gateway. */
export function isMadeUpId(id: unknown): boolean {
  return typeof id === 'string' && MADE_UP_ID.test(id);
}

/** A fresh id of 24 characters of `[A-Za-z0-9_-]` behind `prefix`: `newId('msg_')`. */
export function newId(prefix: string): string {
  if (offset + 24 > pool.length) {
    randomFillSync(pool);
    offset = 0;
  }
  let id = prefix;
  for (let i = 0; i < 24; i++) id += ALPHABET[(pool[offset++] ?? 0) & 63];
  return id;
}
