import { parentPort, workerData } from 'node:worker_threads';
import { type FuzzOptions, fuzz } from './fuzz.ts';
import { Progress } from './progress.ts';

// In a thread of its own, so that another one notices when it is stuck.
const { options, memory } = workerData as { options: FuzzOptions; memory: SharedArrayBuffer };
parentPort?.postMessage(await fuzz(options, new Progress(memory)));
