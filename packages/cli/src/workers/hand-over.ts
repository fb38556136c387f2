import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a busy client leaves its connection alone. */
const HAND_OVER_MS = 1_000;

/**
 * Sends the clients of this process to the others: each answer from now on ends its connection. A server that just closes
 * the connections that are idle at that moment meets requests that are on their way, and those are lost.
 */
export async function handOver(): Promise<void> {
  subscribe('http.server.request.start', (message) => {
    (message as { readonly response: ServerResponse }).response.setHeader('connection', 'close');
  });
  await sleep(HAND_OVER_MS);
}
