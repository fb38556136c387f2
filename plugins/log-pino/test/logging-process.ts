import { applyPlugin, fakeHost } from '@signalbox/testkit';
import logPino from '../src/index.ts';

// Logs to the destination of its first argument: as many lines as the second says, every few ms, until it is told to end
// on its standard input: `close` lets the plugin close, `exit` does not.

const [, , destination = 'stdout', count = '1'] = process.argv;
const host = fakeHost({ configDir: process.cwd() });
const loggers: { info(fields: object, message: string): void }[] = [];
await applyPlugin(
  logPino,
  { level: 'info', destination },
  Object.assign(host, { setLogger: (given: (typeof loggers)[number]) => loggers.push(given) }),
);
const lines = (): void => {
  for (let line = 0; line < Number(count); line++) loggers[0]?.info({ line }, 'x'.repeat(1_000));
};
lines();
const timer = setInterval(lines, 5);
process.stderr.write('ready\n');
process.stdin.once('data', async (command) => {
  clearInterval(timer);
  lines();
  if (String(command) === 'close') await host.hooks.close.promise();
  process.exit(3);
});
