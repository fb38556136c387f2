import { SignalboxError } from '@signalbox/kit';
import type { Random } from './random.ts';

/** Something that is given damaged words over and over. */
export interface Target {
  readonly name: string;
  /** One try. @throws {Error} what is wrong, if something is. */
  run(random: Random): void | Promise<void>;
  /** How many tries may run at the same time. Default: 1. */
  readonly atOnce?: number;
  close?(): Promise<void>;
}

/**
 * What `run` gives; `undefined` where it throws one of our errors. Anything else that is thrown is a defect, and so is an error of ours that says
 * that somebody else's fault is the gateway's.
 */
export function orOurs<T>(run: () => T, statuses: readonly [from: number, to: number] = [400, 599]): T | undefined {
  try {
    return run();
  } catch (error) {
    checkOurs(error, statuses);
    return undefined;
  }
}

export function checkOurs(error: unknown, [from, to]: readonly [number, number] = [400, 599]): void {
  if (!SignalboxError.is(error)) throw error;
  const { code, status, message } = error;
  if (code === 'INTERNAL' || status < from || status > to || message === '') {
    throw new Error(`an error ${code} of status ${status}: ${message || 'without a message'}`, { cause: error });
  }
}

/** @throws {Error} for the first few of what is wrong. */
export function expectNone(misfits: readonly string[]): void {
  if (misfits.length > 0) throw new Error(misfits.slice(0, 3).join('; '));
}
