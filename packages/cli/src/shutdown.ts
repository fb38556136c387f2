import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/** npm hands a terminal's Ctrl-C to its child a second time: what comes this soon after the first is the same one. */
const SAME_SIGNAL_MS = 300;

/**
 * Waits for the first SIGINT or SIGTERM, or for the parent to go where one started us over an IPC channel. From then
 * on a second signal ends the process at once. SIGHUP calls `onHangUp`; but a terminal that is closed sends it, too, to
 * all that was started in it, and then it is the end like the others.
 */
export function untilStopped({ onHangUp }: { onHangUp: () => void }): Promise<void> {
  const fromTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const stop = (signal?: NodeJS.Signals): void => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        resolve();
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
        process.exit(signal === 'SIGTERM' ? 143 : 130);
      }
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    process.on('SIGHUP', () => {
      if (!fromTerminal || !terminalIsGone()) {
        onHangUp();
        return;
      }
      // There is nobody left to write to, and a log that insists on its last lines would keep the process for ever.
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
      process.prependListener('exit', () => process.kill(process.pid, 'SIGKILL'));
      stop();
    });
    process.once('disconnect', () => stop());
    // The parent is no reason to stay.
    process.channel?.unref();
    if (process.send !== undefined && !process.connected) stop();
  });
}

function terminalIsGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}
