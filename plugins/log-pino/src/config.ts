import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    level: Type.Enum(['debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description:
        'The least that is written. `debug` lists every fidelity note; otherwise they are counted, unless the client asked for a receipt.',
    }),
    destination: Type.String({
      minLength: 1,
      default: 'stderr',
      description: '`stdout`, `stderr`, or a file, relative to the config. A new file is for its owner only (0600).',
    }),
  },
  { additionalProperties: false },
);

export type LogPinoConfig = Static<typeof configSchema>;
