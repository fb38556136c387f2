import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileStates } from './file-state.ts';

describe('FileStates', () => {
  let dir: string;
  let file: string;
  let states: FileStates;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-files-'));
    file = join(dir, 'a.ts');
    writeFileSync(file, 'one');
    states = new FileStates();
    states.add(file);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('takes a file for changed when it holds something else, and no longer when it is as it was', () => {
    expect(states.changed()).toEqual([]);
    writeFileSync(file, 'two');
    expect(states.changed()).toEqual([file]);
    writeFileSync(file, 'one');
    expect(states.changed()).toEqual([]);
  });

  it('does not mind a touched file, or another one with the same content in its place', () => {
    utimesSync(file, 1, 1);
    expect(states.changed()).toEqual([]);
    writeFileSync(join(dir, 'b.ts'), 'one');
    renameSync(join(dir, 'b.ts'), file);
    expect(states.changed()).toEqual([]);
    writeFileSync(join(dir, 'b.ts'), 'eno');
    renameSync(join(dir, 'b.ts'), file);
    expect(states.changed()).toEqual([file]);
  });

  it('sees a file go, and one come that was looked for in vain', () => {
    const other = join(dir, 'b.ts');
    states.add(other);
    expect([states.changed(), states.missing()]).toEqual([[], false]);
    rmSync(file);
    writeFileSync(other, '');
    expect([states.changed(), states.missing()]).toEqual([[file, other], true]);
  });

  it('takes over a file as the other one knows it, once', () => {
    const first = new FileStates();
    writeFileSync(file, 'two');
    first.addFrom(states, file);
    expect(first.changed()).toEqual([file]);
    const now = new FileStates();
    now.add(file);
    first.addFrom(now, file);
    expect(first.changed()).toEqual([file]);
    expect(first.paths).toEqual([file]);
  });
});
