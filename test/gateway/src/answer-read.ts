import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNEL = 'undici:request:trailers';

/** Settles when this process has read the next answer of a server to its end, so that its connection is free again. */
export function nextAnswerRead(origin: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (message: unknown): void => {
      const { request } = message as { request: { origin: unknown } };
      if (String(request.origin) !== origin) return;
      unsubscribe(CHANNEL, look);
      resolve();
    };
    subscribe(CHANNEL, look);
  });
}
