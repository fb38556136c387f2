import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { readFixtures } from '../src/laws/index.ts';

it('readFixtures puts the parts of a case together, dots in the model and subfolders included', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fixtures-'));
  try {
    mkdirSync(join(folder, 'synthetic'));
    writeFileSync(join(folder, 'plain.gpt-5.6.request.json'), '{"a":1}');
    writeFileSync(join(folder, 'plain.gpt-5.6.response.json'), '{"b":2}');
    writeFileSync(join(folder, 'synthetic', 'cut.m.stream.sse'), Buffer.from([0xff, 0x0a]));
    writeFileSync(join(folder, 'plain.gpt-5.6.expected.json'), '{"stopReason":"end-turn"}');
    writeFileSync(join(folder, 'README.md'), 'no case');
    const fixtures = readFixtures(folder);
    expect(fixtures.map(({ name }) => name)).toEqual(['plain.gpt-5.6', 'cut.m']);
    expect(fixtures[0]).toEqual({
      name: 'plain.gpt-5.6',
      request: { a: 1 },
      response: { b: 2 },
      expected: { stopReason: 'end-turn' },
    });
    expect([...(fixtures[1]?.stream ?? [])]).toEqual([0xff, 0x0a]);
    expect(readFixtures(pathToFileURL(`${folder}/`)).length).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
