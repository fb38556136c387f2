import type { Cell } from './cells.ts';

/** Longer than anything that ends, on whatever machine. */
export const BOUND_MS = 30_000;

export interface Seen {
  readonly status: number;
  readonly raw: string;
}

/** Asks as the cell's client does. @returns what came back, also where that is nothing. */
export async function ask(url: string, { client, stream }: Cell, name: string, signal?: AbortSignal): Promise<Seen> {
  try {
    const answer = await fetch(url + client.path(stream).replace('asked-for', name), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...client.headers },
      body: JSON.stringify(client.body(stream)).replace('asked-for', name),
      signal: signal ?? AbortSignal.timeout(2 * BOUND_MS),
    });
    return { status: answer.status, raw: await answer.text() };
  } catch (error) {
    return { status: 0, raw: `no answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}
