import cluster from 'node:cluster';

/** Set for a worker: its place among the workers, from 1. */
export const PLACE_VARIABLE = 'SIGNALBOX_WORKER';

/** Whether this process was forked by a primary of ours. */
export function isWorker(env: NodeJS.ProcessEnv): boolean {
  return cluster.isWorker && env[PLACE_VARIABLE] !== undefined;
}
