import { definePlugin } from '@signalbox/kit';

const nothing = (): void => {};

/** A log that nobody reads. */
export const quietLog = definePlugin({
  name: 'log-nothing',
  apply: ({ setLogger }) => setLogger({ info: nothing, warn: nothing, error: nothing }),
});
