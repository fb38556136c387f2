import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    ttlMinutes: Type.Integer({
      minimum: 1,
      default: 1_440,
      description: 'How long a response is kept after it was last gone on from, referred to or asked for.',
    }),
    maxEntries: Type.Integer({ minimum: 1, default: 10_000, description: 'Responses that are kept at most.' }),
    maxBytes: Type.Integer({
      minimum: 1_024,
      default: 128 * 1024 * 1024,
      description: 'Memory for all of them; what was not used for longest goes first.',
    }),
  },
  { additionalProperties: false },
);

export type ResponseStoreConfig = Static<typeof configSchema>;
