import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

/** What every test run gets of `npm run fuzz`; longer runs are for a person to ask for. */
const SECONDS = 12;
/** The same words every time: a test run is no place for a find that nobody can have again. */
const SEED = 1;

it('damaged requests, answers and streams end in an answer or in an error of ours', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const flags = ['--conditions=signalbox-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, main, String(SECONDS), String(SEED)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/, 0 problems\n$/) });
}, 120_000);
