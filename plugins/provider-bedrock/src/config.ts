import { type JsonObject, providerOptions, type Static, Type } from '@signalbox/kit';

export const configSchema = Type.Object(
  {
    region: Type.String({ pattern: '^[a-z0-9-]+$', description: 'The AWS region that is called: `eu-central-1`.' }),
    accessKeyId: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Id of the access key that signs calls; needs `secretAccessKey`. Default: what AWS’s own clients would find.',
      }),
    ),
    secretAccessKey: Type.Optional(
      Type.String({ minLength: 1, description: 'The access key itself, best read from the environment. Never sent.' }),
    ),
    sessionToken: Type.Optional(
      Type.String({ minLength: 1, description: 'Token of a temporary access key. It is not renewed.' }),
    ),
    profile: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Which profile of the shared AWS files is used. Default: `AWS_PROFILE`.',
      }),
    ),
    apiKey: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'An API key of Bedrock, in place of an access key. Default: `AWS_BEARER_TOKEN_BEDROCK`.',
      }),
    ),
    baseUrl: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description: 'Where the API is. Default: `https://bedrock-runtime.<region>.amazonaws.com`.',
      }),
    ),
    controlUrl: Type.Optional(
      Type.String({
        pattern: '^https?://',
        description:
          'Where the list of models is. Default: `https://bedrock.<region>.amazonaws.com`; none for another `baseUrl` than AWS’s.',
      }),
    ),
    baseModels: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'What a model really is, where its id does not say, as with application inference profiles: `{"arn:…": "anthropic.claude-sonnet-4-6"}`.',
      }),
    ),
    extraBody: Type.Optional(
      Type.Unsafe<JsonObject>({
        type: 'object',
        description:
          'Fields of every request: `guardrailConfig`, `serviceTier`, `performanceConfig`, `requestMetadata`.',
      }),
    ),
    ...providerOptions,
  },
  { additionalProperties: false },
);

export type BedrockConfig = Static<typeof configSchema>;
