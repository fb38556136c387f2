import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What this thread holds in memory, as small as it gets, in MiB: objects, and the bytes of buffers outside of the heap. */
export async function memoryMiB(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let smallest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    collect();
    await sleep(50);
    const { heapUsed, external } = process.memoryUsage();
    smallest = Math.min(smallest, heapUsed + external);
  }
  return smallest / 2 ** 20;
}

/** Sockets, servers and timers that outlive the gateways. The clients' own connections are given time to end. */
export async function leftBehind(): Promise<readonly string[]> {
  const leaks = () =>
    process.getActiveResourcesInfo().filter((kind) => /^(TCPSocketWrap|TCPServerWrap|Timeout|MessagePort)$/.test(kind));
  for (let tries = 0; tries < 200 && leaks().length > 1; tries++) await sleep(50);
  // The timer of this very question.
  return leaks().slice(1);
}
