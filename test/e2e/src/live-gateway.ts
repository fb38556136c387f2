import { setTimeout as sleep } from 'node:timers/promises';

/** A plugin file that says in `/health` which word the file beside it has, which process runs it, and how often it was loaded. */
export const MARK = `
import { definePlugin } from '@signalbox/kit';
import { word } from './lib/word.ts';
export default definePlugin({
  name: 'log-mark',
  apply: (host) => {
    const kept = host.kept('log-mark', () => ({ loads: 0 }));
    kept.loads++;
    host.addHealth('mark', () => ({ word, pid: process.pid, loads: kept.loads }));
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
  readonly mark: { readonly word: string; readonly pid: number; readonly loads: number };
}

/** What a gateway says of itself; with workers, what the next of them says. */
export async function healthOf(url: string, withinMs = 10_000): Promise<Health> {
  const response = await fetch(`${url}/health`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(withinMs),
  });
  return (await response.json()) as Health;
}

/**
 * Waits until nobody answers new connections. One that comes while the last worker stops listening may be refused by it
 * after the primary has taken it, and then is open, but nobody's, until the primary ends.
 */
export async function untilClosed(url: string): Promise<void> {
  const answers = () =>
    healthOf(url, 500).then(
      () => true,
      () => false,
    );
  await eventually(answers, (open) => !open);
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
