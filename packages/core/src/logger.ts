import type { Logger } from '@signalbox/kit';

const write = (level: string, fields: object, message: string): void => {
  const { err, ...rest } = fields as { err?: unknown };
  const details = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  const cause = err instanceof Error ? `\n${err.stack ?? err.message}` : '';
  process.stderr.write(`${level} ${message}${details}${cause}\n`);
};

/** Where the gateway speaks until a log plugin takes over: standard error, in words. */
export const consoleLogger: Logger = {
  info: (fields, message) => write('info', fields, message),
  warn: (fields, message) => write('warn', fields, message),
  error: (fields, message) => write('error', fields, message),
};
