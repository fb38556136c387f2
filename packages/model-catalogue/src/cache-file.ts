import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type ModelInfo, newId, type PluginHost } from '@signalbox/kit';
import type { CatalogueConfig } from './config.ts';
import { decodeModels, MalformedList, object } from './decode.ts';

/** What a provider said it has, and when. */
export interface FetchedList {
  readonly fetchedAt: Date;
  readonly models: readonly ModelInfo[];
}

export type FetchedLists = ReadonlyMap<string, FetchedList>;

const VERSION = 1;

/** Where the lists are kept. */
export function cacheFileOf(
  { cacheFile }: Pick<CatalogueConfig, 'cacheFile'>,
  { configDir, env }: Pick<PluginHost, 'configDir' | 'env'>,
): string {
  if (cacheFile !== undefined) return resolve(configDir, cacheFile);
  const { XDG_CACHE_HOME: xdg, HOME: home } = env;
  // The XDG rules have a relative path ignored.
  const cacheHome = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home || homedir(), '.cache');
  return join(cacheHome, 'signalbox', 'models.json');
}

/** The lists by provider; none where there is no file. @throws {MalformedList} for a file that is not whole. */
export async function readCache(file: string): Promise<FetchedLists> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  return decodeCache(text);
}

function decodeCache(text: string): FetchedLists {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedList('not JSON');
  }
  const { version, lists } = object(value, 'file', ['version', 'lists']);
  if (version !== VERSION) throw new MalformedList(`version: not ${VERSION}`);
  return new Map(
    Object.entries(object(lists, 'lists')).map(([name, item]) => {
      const { fetchedAt, models } = object(item, name, ['fetchedAt', 'models']);
      const at = new Date(typeof fetchedAt === 'string' ? fetchedAt : Number.NaN);
      if (Number.isNaN(at.getTime())) throw new MalformedList(`${name}.fetchedAt: not a time`);
      return [name, { fetchedAt: at, models: decodeModels(models, `${name}.models`) }];
    }),
  );
}

/**
 * Adds lists to the file, whole or not at all: a reader sees the old file or the new one. Of two processes that write at
 * once the later one's lists stand, and the other's follow with its next refresh.
 */
export async function writeCache(file: string, lists: FetchedLists): Promise<void> {
  // A file that is not whole is replaced.
  const before = await readCache(file).catch((): FetchedLists => new Map());
  const text = JSON.stringify({ version: VERSION, lists: Object.fromEntries([...before, ...lists]) });
  const draft = `${file}.${newId('')}.tmp`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(draft, `${text}\n`, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
