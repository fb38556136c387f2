import { candidatesOption, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    candidates: candidatesOption,
    percentile: Type.Enum(['p50', 'p95'], {
      default: 'p50',
      description: 'What is compared of each target’s times: the usual one, or the one that 95 of 100 stay under.',
    }),
    outputTokens: Type.Integer({
      minimum: 0,
      default: 0,
      description:
        'Also count the time for so many tokens, as far as it was measured everywhere. 0: the first content alone.',
    }),
    windowMinutes: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1_440,
      default: 15,
      description: 'For how long an answer counts.',
    }),
    minSamples: Type.Integer({
      minimum: 1,
      maximum: 50,
      default: 3,
      description: 'Answers that a target must have given within that time to be compared.',
    }),
    explore: Type.Number({
      minimum: 0,
      maximum: 0.5,
      default: 0.05,
      description: 'The share of requests that goes to a target of which too little is known.',
    }),
    tolerance: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'By how much a target must be beaten to lose its place in the plan.',
    }),
  },
  { additionalProperties: false },
);

export type LatencyConfig = Static<typeof configSchema>;
