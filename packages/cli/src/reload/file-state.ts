import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** Files as they were when they were read, to see whether they still are so. */
export class FileStates {
  readonly #files = new Map<string, FileState>();

  /** Remembers a file as it is now; call it before the file is read, and no change goes unseen. */
  add(path: string): void {
    this.#files.set(path, stateOf(path));
  }

  /** Remembers a file as `other` does, unless it is known already. */
  addFrom(other: FileStates, path: string): void {
    const state = other.#files.get(path);
    if (state !== undefined && !this.#files.has(path)) this.#files.set(path, state);
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The files that hold something else than they did. A touched file does not. */
  changed(): readonly string[] {
    const changed: string[] = [];
    for (const [path, known] of this.#files) {
      const stamp = stampOf(path);
      if (stamp === known.stamp) continue;
      const now = stateOf(path);
      if (now.content === known.content) this.#files.set(path, now);
      else changed.push(path);
    }
    return changed;
  }

  /** Differs from an earlier one while somebody writes. */
  stamps(): string {
    return Array.from(this.#files.keys(), stampOf).join();
  }

  /** Whether a file that was there is not. */
  missing(): boolean {
    for (const [path, { content }] of this.#files) if (content !== GONE && stampOf(path) === GONE) return true;
    return false;
  }
}

interface FileState {
  readonly stamp: string;
  readonly content: string;
}

const GONE = 'gone';

function stateOf(path: string): FileState {
  const stamp = stampOf(path);
  try {
    return { stamp, content: createHash('sha256').update(readFileSync(path)).digest('base64') };
  } catch {
    return { stamp, content: GONE };
  }
}

function stampOf(path: string): string {
  try {
    // A few µs a file; its asynchronous twin goes through the thread pool for ten times that.
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? GONE : `${stat.mtimeNs}-${stat.ctimeNs}-${stat.size}-${stat.ino}`;
  } catch {
    return GONE;
  }
}
