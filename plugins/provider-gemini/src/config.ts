import { providerOptions, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    apiKey: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'API key, best read from the environment. Needed unless `forwardCallerKey` or an access token for Vertex AI.',
      }),
    ),
    baseUrl: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description:
          'Where the API is. Default: https://generativelanguage.googleapis.com/v1beta, or Vertex AI’s own host.',
      }),
    ),
    vertex: Type.Optional(
      Type.Object(
        {
          project: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'Google Cloud project. Without it: express mode, with `apiKey`.',
            }),
          ),
          location: Type.String({
            pattern: '^[a-z0-9-]+$',
            default: 'global',
            description: 'Region (`europe-west4`), `global`, `us` or `eu`.',
          }),
          accessToken: Type.Optional(
            Type.String({ minLength: 1, description: 'OAuth access token. Google’s last about an hour.' }),
          ),
          accessTokenFile: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'File with the access token, read again when it is older than 30 s: for whoever renews it.',
            }),
          ),
        },
        { additionalProperties: false, description: 'Vertex AI instead of the Gemini API.' },
      ),
    ),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type GeminiConfig = Static<typeof configSchema>;
