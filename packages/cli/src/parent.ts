import type { WorkerReport } from './workers/messages.ts';

/** What a gateway tells the process that started it over an IPC channel: where it listens, or why it does not. */
export type ParentMessage = { readonly url: string } | { readonly failure: string };

/** Settles when the message is out; does nothing where no process listens. */
export function tellParent(message: ParentMessage | WorkerReport): Promise<void> {
  return new Promise((resolve) => {
    // A parent that has just gone is noticed by `disconnect`.
    if (process.connected) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });
}
