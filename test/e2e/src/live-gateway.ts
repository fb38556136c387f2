import { setTimeout as sleep } from 'node:timers/promises';

/** A plugin file that says in `/health` which word the file beside it has, and which process runs it. */
export const MARK = `
import { definePlugin } from '@signalbox/kit';
import { word } from './lib/word.ts';
export default definePlugin({
  name: 'log-mark',
  apply: (host) => {
    host.addHealth('mark', () => ({ word, pid: process.pid }));
    host.hooks.route.tap('log-mark', (_plan, { model }) => console.log('route', model, process.pid, word));
    host.hooks.close.tap('log-mark', () => console.log('closed', process.pid, word));
  },
});
`;

/** The file beside it. */
export const word = (text: string): string => `export const word: string = '${text}';\n`;

export interface Health {
  readonly status: string;
  readonly config: { readonly generation: number; readonly problem?: string };
  readonly mark: { readonly word: string; readonly pid: number };
}

/** What a gateway says of itself; with workers, what the next of them says. */
export async function healthOf(url: string): Promise<Health> {
  const response = await fetch(`${url}/health`, { headers: { connection: 'close' } });
  return (await response.json()) as Health;
}

/** Asks again until the answer is as wanted. @throws {Error} with the last answer when that takes too long. */
export async function eventually<T>(ask: () => Promise<T> | T, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`it stayed: ${JSON.stringify(answer)}`);
    await sleep(25);
  }
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
