import type { ServerResponse } from 'node:http';

/** Hands over the rest of an answer. A client that reads nothing of it for `stallMs` is gone, and holds it for nothing. */
export function endResponse(response: ServerResponse, rest: string | Buffer, stallMs: number): void {
  if (rest.length === 0) response.end();
  else response.end(rest);
  // Without a listener the server closes a connection that times out.
  if (response.writableLength > 0) response.setTimeout(stallMs);
}
