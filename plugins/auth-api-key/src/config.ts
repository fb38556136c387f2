import { type Static, Type } from '@signalbox/kit';

const key = Type.String({
  minLength: 16,
  description: 'At least 16 characters, best random and read from the environment.',
});

export const configSchema = Type.Object(
  {
    mode: Type.Enum(['keys', 'forward'], {
      default: 'keys',
      description:
        '`keys`: callers need one of `keys`. `forward`: any key is accepted and handed to the providers that ask for it ' +
        '(`forwardCallerKey`); they decide whether it is good.',
    }),
    keys: Type.Array(
      Type.Union([
        key,
        Type.Object(
          { key, name: Type.String({ minLength: 1, description: 'Who it is, in logs.' }) },
          { additionalProperties: false },
        ),
      ]),
      { default: [], description: 'The gateway’s own keys: texts, or `{key, name}`.' },
    ),
  },
  { additionalProperties: false },
);

export type ApiKeyConfig = Static<typeof configSchema>;
