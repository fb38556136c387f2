import type { ConfigError } from '@signalbox/core';
import { SignalboxError } from '@signalbox/kit';
import { tellParent } from './parent.ts';

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure with an exit code of its own. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Says on standard error what went wrong, once and without a stack (`DEBUG=signalbox` adds it). @returns the exit code */
export function reportFailure(error: unknown, env: NodeJS.ProcessEnv): number {
  // A config's problems begin with their place, `file:line:column`, and stay that way.
  const prefix = hasPlace(error) ? '' : 'signalbox: ';
  const known = SignalboxError.is(error) || error instanceof UsageError || error instanceof ExitError;
  const message = error instanceof Error ? error.message : String(error);
  const hint = known ? '' : '\nThis should not happen. DEBUG=signalbox shows where.';
  const stack = env.DEBUG === 'signalbox' ? `\n${describeStack(error)}` : '';
  process.stderr.write(`${prefix}${message}${hint}${stack}\n`);
  tellParent({ failure: message });
  if (error instanceof UsageError) return 2;
  return error instanceof ExitError ? error.exitCode : 1;
}

function hasPlace(error: unknown): boolean {
  const [first] = SignalboxError.is(error) && 'problems' in error ? (error as ConfigError).problems : [];
  return first?.file !== undefined;
}

function describeStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describeStack(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
