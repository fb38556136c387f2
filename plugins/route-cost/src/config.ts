import { candidatesOption, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    candidates: candidatesOption,
    expectedOutputTokens: Type.Integer({
      minimum: 0,
      default: 1_000,
      description: 'How long an answer is taken to be, in tokens.',
    }),
    cacheMinutes: Type.Number({
      minimum: 0,
      maximum: 1_440,
      default: 5,
      description: 'For how long a target is taken to have a session’s prompt in its cache. 0: never.',
    }),
  },
  { additionalProperties: false },
);

export type CostConfig = Static<typeof configSchema>;
