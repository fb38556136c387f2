import { providerOptions, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    name: providerOptions.name,
    models: Type.Array(Type.String({ minLength: 1 }), {
      default: ['demo'],
      description: 'Model ids to show in the model lists. Any other id is answered all the same.',
    }),
    chunkDelayMs: Type.Integer({
      minimum: 0,
      maximum: 10_000,
      default: 15,
      description: 'Ms between two pieces of a streamed answer.',
    }),
  },
  { additionalProperties: false },
);

export type DemoConfig = Static<typeof configSchema>;
