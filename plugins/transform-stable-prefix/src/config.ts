import { type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    except: Type.Array(Type.String({ minLength: 1 }), {
      default: ['anthropic-messages'],
      description:
        'Providers, and formats of providers, that get the system prompt as it came: Anthropic reads the attribution ' +
        'line, and other providers that are spoken to in its format are not sent it.',
    }),
    attribution: Type.Enum(['drop', 'keep'], {
      default: 'drop',
      description: 'The attribution line of Claude Code, which differs by conversation or request.',
    }),
    clock: Type.Enum(['hour', 'keep'], {
      default: 'hour',
      description:
        'A time of day that a client writes into the system prompt as the current one: rounded down to the hour, or ' +
        'kept, which gives each request a prompt of its own.',
    }),
  },
  { additionalProperties: false },
);

export type StablePrefixConfig = Static<typeof configSchema>;
