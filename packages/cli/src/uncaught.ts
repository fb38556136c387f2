import type { Logger } from '@signalbox/kit';
import { tellParent } from './parent.ts';

/** Open streams get their error within this time. */
const FAILURE_GRACE_MS = 1_000;
/** And no plugin keeps the process longer than this. */
const LONGEST_END_MS = 5_000;

/**
 * Ends the process with exit code 1 on an error that nobody has caught: what state it left behind is not known, so
 * nothing goes on half-broken. It is logged with its stack first, and `close` lets the open answers end.
 */
export function endOnUncaught(log: () => Logger, close: (graceMs: number) => Promise<void>): void {
  let ending = false;
  const end = (reason: unknown): void => {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    if (ending) {
      log().error({ err: error }, 'Another uncaught error, on the way out');
      return;
    }
    ending = true;
    log().error({ err: error }, 'An uncaught error: this process ends');
    const exit = (): void => process.exit(1);
    setTimeout(exit, LONGEST_END_MS);
    const told = tellParent({ failure: `uncaught ${error.name}: ${error.message}` });
    Promise.allSettled([told, close(FAILURE_GRACE_MS)]).then(exit);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
