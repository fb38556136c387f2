import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    log: Type.Boolean({ default: true, description: 'One JSON line per exchange on standard error (`log-pino`).' }),
  },
  { additionalProperties: false },
);

export type PresetConfig = Static<typeof configSchema>;
