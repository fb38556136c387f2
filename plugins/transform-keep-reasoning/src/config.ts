import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    ttlMinutes: Type.Integer({
      minimum: 1,
      default: 1_440,
      description: 'How long the state of an answer is kept after it was last used.',
    }),
    maxEntries: Type.Integer({
      minimum: 1,
      default: 20_000,
      description: 'Answers whose state is kept at most, and as many texts of reasoning whose origin is known.',
    }),
    maxBytes: Type.Integer({
      minimum: 1_024,
      default: 64 * 1024 * 1024,
      description: 'Memory for all of it; what was not used for longest goes first.',
    }),
    sameFormat: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Providers whose state is kept for clients of every format, also of their own, because those drop it (`reasoning_content` and many Chat clients). Requests and replies that would pass through are then translated.',
    }),
  },
  { additionalProperties: false },
);

export type KeepReasoningConfig = Static<typeof configSchema>;
