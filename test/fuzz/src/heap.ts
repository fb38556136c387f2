import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The heap as small as it gets, in MiB. */
export async function heapMiB(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}
