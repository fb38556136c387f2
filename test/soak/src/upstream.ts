import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** All providers, in a thread of their own. */
export interface Upstream {
  readonly url: string;
  /** Calls of models so far, and connections that are open now. */
  count(): Promise<{ calls: number; sockets: number }>;
  /** Connections that are still seen when they have had time to end. */
  socketsLeft(): Promise<number>;
  close(): Promise<void>;
}

export async function startUpstream(seed: number): Promise<Upstream> {
  const worker = new Worker(new URL('./providers-worker.ts', import.meta.url), { workerData: { seed } });
  const next = <T>() =>
    new Promise<T>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const { url } = await next<{ url: string }>();
  const count = () => {
    const answer = next<{ calls: number; sockets: number }>();
    worker.postMessage('count');
    return answer;
  };
  return {
    url,
    count,
    socketsLeft: async () => {
      let { sockets } = await count();
      // The end of a connection takes its time to reach another thread.
      for (let tries = 0; tries < 200 && sockets > 0; tries++) {
        await sleep(50);
        ({ sockets } = await count());
      }
      return sockets;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
