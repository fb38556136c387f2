import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

/** The minute of `npm run soak` that every test run gets; the ten minutes are for a person to ask for. */
const SECONDS = 60;

it('F99 a minute of everything at once leaves nothing unaccounted for and nothing behind', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const flags = ['--conditions=signalbox-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, main, String(SECONDS)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/, 0 problems\n$/) });
}, 180_000);
