import { randomFillSync } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const pool = Buffer.allocUnsafe(4096);
let offset = pool.length;

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
