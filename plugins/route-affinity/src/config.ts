import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    ttl: Type.Enum(['5m', '1h'], {
      default: '5m',
      description: 'For how long after its last answer a target is taken to have the session’s prompt in its cache.',
    }),
    headers: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Headers in which clients of yours name their session, beside those that are known anyway.',
    }),
    prefix: Type.Boolean({
      default: true,
      description:
        'Where a client does not name its session, take requests with the same beginning for one: the first block of the system prompt and the first message.',
    }),
    onFallback: Type.Enum(['stay', 'return'], {
      default: 'stay',
      description:
        'Where a session goes on after another model of its plan had to answer: `stay` there, with the cache, or `return` to the plan’s order.',
    }),
    maxSessions: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'How many sessions are remembered; over that the quietest one is forgotten.',
    }),
  },
  { additionalProperties: false },
);

export type AffinityConfig = Static<typeof configSchema>;
