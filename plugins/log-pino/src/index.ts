import { definePlugin } from '@signalbox/kit';
import { pino } from 'pino';
import { configSchema } from './config.ts';
import { openDestination } from './destination.ts';
import { exchangeLine, levelOf, messageOf } from './line.ts';

export type { LogPinoConfig } from './config.ts';

const NAME = 'log-pino';
/** What other plugins must not log, should they try. */
const SECRETS = ['headers', 'authorization', 'apiKey', 'key', 'credential', 'body', 'rawBody', '["x-api-key"]'];

/** One JSON line per exchange, and whatever the gateway and its plugins tell the operator. */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: ({ hooks, configDir, setLogger }, { level, destination: name }) => {
    const destination = openDestination(name, configDir);
    const logger = pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        redact: [...SECRETS, ...SECRETS.map((path) => (path.startsWith('[') ? `*${path}` : `*.${path}`))],
      },
      destination,
    );
    setLogger({
      info: (fields, message) => logger.info(fields, message),
      warn: (fields, message) => logger.warn(fields, message),
      error: (fields, message) => logger.error(fields, message),
    });
    const listNotes = logger.isLevelEnabled('debug');
    hooks.log.tap(NAME, (record) => {
      const outcome = levelOf(record);
      if (!logger.isLevelEnabled(outcome)) return;
      logger[outcome](exchangeLine(record, listNotes), messageOf(record));
    });
    hooks.close.tapPromise({ name: NAME, stage: Number.MAX_SAFE_INTEGER }, () => destination.close());
  },
});
