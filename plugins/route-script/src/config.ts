import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    file: Type.String({
      minLength: 1,
      description: 'The `.ts` or `.js` file whose default export chooses, relative to the config file.',
    }),
    timeoutMs: Type.Integer({
      minimum: 1,
      maximum: 600_000,
      default: 1_000,
      description: 'Longest time that the function, or loading the file, may take, in ms.',
    }),
    interrupt: Type.Boolean({
      default: true,
      description:
        'Interrupt a function that has not returned after `timeoutMs`, an endless loop as well. The watch costs each request 0.1 to 0.4 ms.',
    }),
    overrules: Type.Boolean({
      default: false,
      description:
        'Also ask it where the client names its target itself (`provider/model`, an alias), which otherwise is asked.',
    }),
  },
  { additionalProperties: false },
);

export type ScriptConfig = Static<typeof configSchema>;
