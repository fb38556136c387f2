import { readFileSync } from 'node:fs';

/** `undefined` everywhere below: this system has no /proc, so nothing was measured. */
const PAGE_BYTES = 4096;
/** The kernel counts CPU time in ticks of 1/100 s on every Linux that Node runs on. */
const TICK_US = 10_000;

/** CPU time of a process since its start, all threads, user and system, in µs (steps of 10,000). */
export function cpuMicroseconds(pid: number): number | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The command name, in brackets, may hold anything; utime and stime are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
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
