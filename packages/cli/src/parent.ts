/** What a gateway tells the process that started it over an IPC channel: where it listens, or why it does not. */
export type ParentMessage = { readonly url: string } | { readonly failure: string };

/** Does nothing where no process listens. */
export function tellParent(message: ParentMessage): void {
  // A parent that has just gone is noticed by `disconnect`.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}
