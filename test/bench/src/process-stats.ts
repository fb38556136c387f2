import { readdirSync, readFileSync } from 'node:fs';

// `undefined` everywhere below: this system has no such statistics, so nothing was measured.
const PAGE_BYTES = 4096;

/** CPU time of a process so far, user and system, in µs, of all its threads that still live. */
export function cpuMicroseconds(pid: number): number | undefined {
  let nanoseconds = 0;
  for (const thread of threadsOf(pid))
    nanoseconds += Number(readProc(pid, `task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
  // A kernel without scheduler statistics, like one without /proc, gives nothing.
  return nanoseconds === 0 ? undefined : nanoseconds / 1000;
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number | undefined {
  const statm = readProc(pid, 'statm');
  return statm === undefined ? undefined : Number(statm.split(' ')[1]) * PAGE_BYTES;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
