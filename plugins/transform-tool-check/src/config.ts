import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    targets: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Only answers of these, as `provider/model` with `*` for any text: `["ollama/*"]`. Default: all.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type ToolCheckConfig = Static<typeof configSchema>;
