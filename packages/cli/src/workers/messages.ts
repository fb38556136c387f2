import type { ReloadOutcome } from '../reload/reloader.ts';
import type { Whereabouts } from '../serve.ts';

/** What a worker tells its primary. `graceMs`: how long it will wait for answers in flight when it is told to stop. */
export type WorkerReport =
  | { readonly serves: Whereabouts; readonly graceMs: number }
  /** Why it ends; `text` is what a process of its own would print. */
  | { readonly failure: string; readonly text?: string }
  | { readonly reloaded: ReloadOutcome; readonly graceMs?: number };

/** What a primary tells a worker. */
export type WorkerCommand =
  /** End soon: the service ends. */
  | { readonly command: 'stop' }
  /** End when the answers in flight are out: another worker has the place. */
  | { readonly command: 'retire' }
  | { readonly command: 'reload' }
  | { readonly command: 'show-problem'; readonly problem: string };
