import { setTimeout as sleep } from 'node:timers/promises';
import type { FileStates } from './file-state.ts';

const POLL_MS = 500;
/** Editors and deployments write in steps: a change is taken up when nothing has moved for so long. */
const SETTLE_MS = 150;
/** Saving by rename may leave a moment without the file. */
const MISSING_MS = 2_000;

/**
 * Calls `onChange` when files are no longer what they were, until the signal comes. `current` gives the states to compare
 * with: those of the newest reload. It polls: change notices follow the file and not its name, so they are lost when an
 * editor saves by rename, and network and container mounts give none.
 */
export async function watchFiles(current: () => FileStates, onChange: () => void, signal: AbortSignal): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { ref: false, signal });
  try {
    for (;;) {
      await pause(POLL_MS);
      const states = current();
      if (states.changed().length === 0) continue;
      await untilSettled(states, pause);
      // What has come back as it was is no change, and a reload may have been asked for otherwise meanwhile.
      if (states === current() && states.changed().length > 0) onChange();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function untilSettled(states: FileStates, pause: (ms: number) => Promise<void>): Promise<void> {
  // By looks, not by the clock: while this process stands still, nothing may come back.
  let looks = MISSING_MS / SETTLE_MS;
  let before = states.stamps();
  for (;;) {
    await pause(SETTLE_MS);
    const now = states.stamps();
    if (now === before && !(states.missing() && looks > 0)) return;
    before = now;
    looks--;
  }
}
