import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AccessTokenFile } from './access-token.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-token-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('reads the token again once it is old, and keeps it while the file is being replaced', () => {
  const path = join(folder, 'token');
  let now = 0;
  const file = new AccessTokenFile(path, () => now);
  expect(() => file.read()).toThrow('no access token');
  writeFileSync(path, 'first\n');
  expect(file.read()).toBe('first');
  writeFileSync(path, 'second\n');
  now = 29_999;
  expect(file.read()).toBe('first');
  now = 30_000;
  expect(file.read()).toBe('second');
  rmSync(path);
  now = 60_000;
  expect(file.read()).toBe('second');
});
