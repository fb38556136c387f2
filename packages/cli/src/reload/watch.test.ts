import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileStates } from './file-state.ts';
import { watchFiles } from './watch.ts';

describe('watchFiles', () => {
  let dir: string;
  let file: string;
  let states: FileStates;
  let seen: string[];
  let stop: AbortController;
  let watching: Promise<void>;
  let next: () => Promise<string>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-watch-'));
    file = join(dir, 'a.jsonc');
    writeFileSync(file, 'begin');
    const read = (): void => {
      states = new FileStates();
      states.add(file);
    };
    read();
    seen = [];
    stop = new AbortController();
    let tell = (_content: string): void => {};
    next = () => new Promise((resolve) => (tell = resolve));
    const onChange = (): void => {
      read();
      const content = readFileSync(file, 'utf8');
      seen.push(content);
      tell(content);
    };
    watching = watchFiles(() => states, onChange, stop.signal);
  });
  afterEach(async () => {
    stop.abort();
    await watching;
    rmSync(dir, { recursive: true });
  });

  it('waits until a file that is written in steps is whole', async () => {
    const changed = next();
    for (let step = 0; step < 30; step++) {
      appendFileSync(file, '.');
      // Shorter than the rest that a change needs, longer in all than the watcher's pause.
      await sleep(30);
    }
    appendFileSync(file, 'end');
    expect(await changed).toBe(`begin${'.'.repeat(30)}end`);
    expect(seen).toHaveLength(1);
  });

  it('lets a file be gone for a moment, and takes it for gone after a while', async () => {
    const away = join(dir, 'away');
    const changed = next();
    renameSync(file, away);
    // Longer than the watcher's pause and a rest: it has seen that the file is gone.
    await sleep(900);
    renameSync(away, file);
    await sleep(700);
    expect(seen).toEqual([]);
    writeFileSync(away, 'another');
    renameSync(away, file);
    expect(await changed).toBe('another');
  });

  it('ends with its signal', async () => {
    writeFileSync(file, 'changed');
    stop.abort();
    await watching;
    expect(seen).toEqual([]);
  });
});
