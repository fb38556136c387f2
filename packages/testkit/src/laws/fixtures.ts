import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@signalbox/kit';
import type { Essence } from './compare.ts';

/** What is known of one recorded case. */
export interface Fixture {
  /** `<case>.<model>`. */
  readonly name: string;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
  /** What the reply says, whole and streamed, in canonical words; as much of it as is given. */
  readonly expected?: Partial<Essence>;
  /** The stream, byte for byte. */
  readonly stream?: Uint8Array;
}

const PARTS = /\.(request\.json|response\.json|expected\.json|stream\.[a-z]+)$/;

/** Reads `<case>.<model>.request.json`, `….response.json`, `….expected.json` and `….stream.<any>` of a folder and its subfolders. */
export function readFixtures(folder: string | URL): Fixture[] {
  const root = typeof folder === 'string' ? folder : fileURLToPath(folder);
  const cases = new Map<string, { -readonly [Key in keyof Fixture]: Fixture[Key] }>();
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const part = PARTS.exec(entry)?.[1];
    if (part === undefined) continue;
    const name = basename(entry).replace(PARTS, '');
    const fixture = cases.get(name) ?? { name };
    const bytes = readFileSync(join(root, entry));
    if (part === 'request.json') fixture.request = JSON.parse(bytes.toString()) as JsonObject;
    else if (part === 'response.json') fixture.response = JSON.parse(bytes.toString()) as JsonObject;
    else if (part === 'expected.json') fixture.expected = JSON.parse(bytes.toString()) as Partial<Essence>;
    else fixture.stream = bytes;
    cases.set(name, fixture);
  }
  return [...cases.values()];
}
