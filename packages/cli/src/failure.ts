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

/** What there is to say about a failure. */
export interface Failure {
  readonly message: string;
  /** For standard error: without a stack, unless `DEBUG=signalbox` asks for it. */
  readonly text: string;
  readonly exitCode: number;
}

export function describeFailure(error: unknown, env: NodeJS.ProcessEnv): Failure {
  // A config's problems begin with their place, `file:line:column`, and stay that way.
  const prefix = hasPlace(error) ? '' : 'signalbox: ';
  const known = SignalboxError.is(error) || error instanceof UsageError || error instanceof ExitError;
  const message = error instanceof Error ? error.message : String(error);
  const hint = known ? '' : '\nThis should not happen. DEBUG=signalbox shows where.';
  const stack = env.DEBUG === 'signalbox' ? `\n${describeStack(error)}` : '';
  const exitCode = error instanceof UsageError ? 2 : error instanceof ExitError ? error.exitCode : 1;
  return { message, text: `${prefix}${message}${hint}${stack}\n`, exitCode };
}

/** Says on standard error what went wrong, once. @returns the exit code */
export function reportFailure(error: unknown, env: NodeJS.ProcessEnv): number {
  const { message, text, exitCode } = describeFailure(error, env);
  process.stderr.write(text);
  void tellParent({ failure: message });
  return exitCode;
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
