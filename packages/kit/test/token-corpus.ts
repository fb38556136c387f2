import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { MACHINE_TEXT, PROSE } from './token-samples.ts';

const root = join(import.meta.dirname, '../../..');
const recordings = join(root, '../shared/claude-code/requests');

export interface Sample {
  readonly name: string;
  readonly text: string;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Texts by kind. Those of recorded requests are missing where the recordings are. */
export function corpus(): ReadonlyMap<string, readonly Sample[]> {
  return new Map([
    ['requests of Claude Code', recordedTexts()],
    ['source code', files(['packages', 'plugins'], '.ts')],
    ['documentation', files(['packages', 'plugins', 'docs'], '.md')],
    ['JSON', files(['packages', 'plugins', 'test', 'examples'], '.json')],
    ['machine text', Object.entries(MACHINE_TEXT).map(([name, text]) => ({ name, text }))],
    ['prose', Object.entries(PROSE).map(([name, text]) => ({ name, text }))],
    ['base64 and hashes', opaque()],
  ]);
}

export interface Recording {
  readonly name: string;
  readonly body: { readonly tools?: readonly { readonly input_schema?: Json }[] };
}

/** Empty where `../shared` is not on this machine. */
export function recordedBodies(): readonly Recording[] {
  if (!existsSync(recordings)) return [];
  return readdirSync(recordings).flatMap((name) => {
    const { body } = JSON.parse(readFileSync(join(recordings, name), 'utf8')) as { body: Recording['body'] | null };
    return body === null ? [] : [{ name, body }];
  });
}

function recordedTexts(): readonly Sample[] {
  return recordedBodies()
    .map(({ name, body }) => {
      const texts: string[] = [];
      collectTexts({ ...body, tools: [] } as unknown as Json, texts);
      return { name, text: texts.join('\n') };
    })
    .filter(({ text }) => text.length >= MIN_CHARS);
}

/** All strings but media. */
function collectTexts(value: Json, into: string[]): void {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) if (key !== 'data') collectTexts(item, into);
  }
}

/** Too short a text has an error of a few tokens, which says nothing in per cent. */
const MIN_CHARS = 1_000;
/** Not ours, or made by a machine from what is. */
const SKIPPED = new Set(['node_modules', 'dist', 'fixtures', 'results']);

function files(folders: readonly string[], ending: string): readonly Sample[] {
  return folders
    .flatMap((folder) => filesIn(join(root, folder)))
    .filter((path) => path.endsWith(ending))
    .map((path) => ({ name: relative(root, path), text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => text.length >= MIN_CHARS);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return [join(folder, entry.name)];
    return entry.isDirectory() && !SKIPPED.has(entry.name) ? filesIn(join(folder, entry.name)) : [];
  });
}

/** Bytes without any order, the same in every run. */
function opaque(): readonly Sample[] {
  const bytes = Buffer.concat(Array.from({ length: 200 }, (_, at) => createHash('sha256').update(`${at}`).digest()));
  const hex = bytes.toString('hex');
  return [
    { name: 'base64', text: bytes.toString('base64') },
    { name: 'hashes', text: (hex.match(/.{64}/g) ?? []).join('\n') },
    { name: 'ids', text: hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/g, '$1-$2-$3-$4-$5\n') },
  ];
}
