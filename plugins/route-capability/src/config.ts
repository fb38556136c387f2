import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    onNone: Type.Enum(['keep', 'refuse'], {
      default: 'refuse',
      description:
        'Where no target can do what is needed: `refuse` tells the client what is missing, `keep` asks the plan’s targets all the same.',
    }),
  },
  { additionalProperties: false },
);

export type CapabilityConfig = Static<typeof configSchema>;
