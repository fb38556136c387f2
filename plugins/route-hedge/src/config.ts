import { type Static, Type } from '@signalbox/kit';

const ms = { minimum: 1, maximum: 600_000 };

export const configSchema = Type.Object(
  {
    afterMs: Type.Optional(
      Type.Integer({ ...ms, description: 'The second try starts after this long, whatever was measured.' }),
    ),
    percentile: Type.Number({
      minimum: 0.5,
      maximum: 0.999,
      default: 0.95,
      description:
        'Without `afterMs`: it starts when this share of the calls of the first target have had their answer.',
    }),
    minMs: Type.Integer({ ...ms, default: 500, description: 'But not before.' }),
    maxMs: Type.Integer({ ...ms, default: 30_000, description: 'And then at the latest.' }),
    minSamples: Type.Integer({
      minimum: 1,
      maximum: 200,
      default: 20,
      description: 'Answers of a target that have to be known before. Until then there is no second try.',
    }),
    maxPromptTokens: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 8_000,
      description: 'Longer prompts get no second try: it would cost too much.',
    }),
    share: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'The share of short calls that may get a second try.',
    }),
    sameTarget: Type.Boolean({
      default: false,
      description: 'Whether the second try goes to the same target where the plan has no other.',
    }),
  },
  { additionalProperties: false },
);

export type HedgeConfig = Static<typeof configSchema>;
