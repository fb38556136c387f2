/** npm hands a terminal's Ctrl-C to its child a second time: what comes this soon after the first is the same one. */
const SAME_SIGNAL_MS = 300;

/**
 * Waits for the first SIGINT or SIGTERM, or for the parent to go where one started us over an IPC channel. From then
 * on a second signal ends the process at once.
 */
export function untilStopped(): Promise<void> {
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
    process.once('disconnect', () => stop());
    // The parent is no reason to stay.
    process.channel?.unref();
    if (process.send !== undefined && !process.connected) stop();
  });
}
