import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cacheFileOf, readCache, writeCache } from './cache-file.ts';

describe('the cache file', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-catalogue-'));
    file = join(dir, 'deep/er/models.json');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const list = (...ids: string[]) => ({
    fetchedAt: new Date('2026-11-22T00:00:00Z'),
    models: ids.map((id) => ({ id })),
  });

  it('gives back what was written, for its owner only and with nothing beside it', async () => {
    const models = [{ id: 'm', contextTokens: 5, prices: { input: 1, tiers: [{ abovePromptTokens: 2, input: 3 }] } }];
    await writeCache(file, new Map([['p', { fetchedAt: new Date(0), models }]]));
    expect(await readCache(file)).toEqual(new Map([['p', { fetchedAt: new Date(0), models }]]));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, 'deep/er'))).toEqual(['models.json']);
  });

  it('keeps the lists of other providers', async () => {
    await writeCache(
      file,
      new Map([
        ['a', list('1')],
        ['b', list('2')],
      ]),
    );
    await writeCache(file, new Map([['b', list('3')]]));
    expect([...(await readCache(file))]).toEqual([
      ['a', list('1')],
      ['b', list('3')],
    ]);
  });

  it('is whole while several write at once', async () => {
    await writeCache(file, new Map([['p', list('0')]]));
    const names = Array.from({ length: 20 }, (_, index) => `m${index}`);
    const reads: Promise<unknown>[] = [];
    const writes = names.map((id) => {
      reads.push(readCache(file));
      return writeCache(file, new Map([['p', list(id)]]));
    });
    await Promise.all([...writes, ...reads]);
    expect(names).toContain((await readCache(file)).get('p')?.models[0]?.id);
    expect(readdirSync(join(dir, 'deep/er'))).toEqual(['models.json']);
  });

  it('has no lists before the first', async () => {
    expect(await readCache(file)).toEqual(new Map());
  });

  it.each([
    ['{"version":1,"lists":{"p":{"fetchedAt":"2026-', 'not JSON'],
    ['{"version":2,"lists":{}}', 'version: not 1'],
    ['{"version":1}', 'lists: not an object'],
    ['{"version":1,"lists":{"p":{"fetchedAt":5,"models":[]}}}', 'p.fetchedAt: not a time'],
    [
      '{"version":1,"lists":{"p":{"fetchedAt":"2026-01-01","models":[{"id":"m","prices":{"input":-3}}]}}}',
      'p.models[0].prices.input: not a price in USD per million tokens',
    ],
  ])('F41 is refused where it is not whole, and replaced by the next list: %s', async (text, problem) => {
    await writeCache(file, new Map([['p', list('1')]]));
    writeFileSync(file, text);
    await expect(readCache(file)).rejects.toThrow(problem);
    await writeCache(file, new Map([['q', list('2')]]));
    expect([...(await readCache(file))]).toEqual([['q', list('2')]]);
  });

  it('leaves the old file and no draft where it cannot write', async () => {
    await writeCache(file, new Map([['p', list('1')]]));
    const before = readFileSync(file, 'utf8');
    await expect(writeCache(join(file, 'below-a-file.json'), new Map([['p', list('2')]]))).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(join(dir, 'deep/er'))).toEqual(['models.json']);
  });
});

describe('cacheFileOf', () => {
  it.each([
    [{ cacheFile: 'kept/m.json' }, {}, '/etc/signalbox/kept/m.json'],
    [{ cacheFile: '/var/m.json' }, {}, '/var/m.json'],
    [{}, { XDG_CACHE_HOME: '/c', HOME: '/h' }, '/c/signalbox/models.json'],
    [{}, { XDG_CACHE_HOME: 'relative', HOME: '/h' }, '/h/.cache/signalbox/models.json'],
    [{}, { HOME: '/h' }, '/h/.cache/signalbox/models.json'],
  ])('is where the options or the environment say: %j %j', (options, env, file) => {
    expect(cacheFileOf(options, { configDir: '/etc/signalbox', env })).toBe(file);
  });
});
