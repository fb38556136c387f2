import { type Static, Type } from '@signalbox/kit';

/** In the order in which they are tried. */
export const REPAIRS = ['trailing-commas', 'double-encoded', 'key-whitespace', 'from-text', 'to-text'] as const;

export type Repair = (typeof REPAIRS)[number];

export const configSchema = Type.Object(
  {
    repairs: Type.Array(Type.Enum([...REPAIRS]), {
      default: [...REPAIRS],
      description: 'What is mended; an empty list checks and notes only.',
    }),
    targets: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description:
          'Only for answers of these, as `provider/model` with `*` for any text: `["ollama/*"]`. Default: all.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type ToolRepairConfig = Static<typeof configSchema>;
