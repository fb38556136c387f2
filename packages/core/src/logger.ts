import { inspect } from 'node:util';
import type { Logger } from '@signalbox/kit';

type Level = keyof Logger;

const write = (level: Level, fields: object, message: string): void => {
  const { err, ...rest } = fields as { err?: unknown };
  const details = Object.keys(rest).length === 0 ? '' : ` ${print(rest)}`;
  const cause = err instanceof Error ? `\n${err.stack ?? err.message}` : '';
  process.stderr.write(`${level} ${message}${details}${cause}\n`);
};

function print(fields: object): string {
  try {
    return JSON.stringify(fields);
  } catch {
    // A circle, or a number that JSON does not have.
    return inspect(fields, { depth: 2, breakLength: Number.POSITIVE_INFINITY });
  }
}

/** Where the gateway speaks until a log plugin takes over: standard error, in words. */
export const consoleLogger: Logger = {
  info: (fields, message) => write('info', fields, message),
  warn: (fields, message) => write('warn', fields, message),
  error: (fields, message) => write('error', fields, message),
};

/** A plugin's logger as the gateway uses it: nothing fails because it does. What it cannot take goes to standard error. */
export function guarded(logger: Logger): Logger {
  const say =
    (level: Level) =>
    (fields: object, message: string): void => {
      const failed = (error: unknown): void => {
        write(level, fields, message);
        write('error', { err: error }, 'the log plugin failed');
      };
      try {
        const result: unknown = logger[level](fields, message);
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    };
  return { info: say('info'), warn: say('warn'), error: say('error') };
}
