import { type Static, Type } from '@signalbox/kit';

const closed = { additionalProperties: false } as const;

/** The config file. Plugin options have their own schemas and are checked when the plugin is loaded. */
export const configSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'Where editors find this schema.' })),
    server: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'Address to listen on. Anything but loopback needs an auth plugin. Default: 127.0.0.1.',
            }),
          ),
          port: Type.Optional(
            Type.Integer({ minimum: 0, maximum: 65_535, description: 'Port; 0 takes a free one. Default: 8484.' }),
          ),
          allowedHosts: Type.Optional(
            Type.Array(Type.String({ minLength: 1 }), {
              description: 'Further host names that the Host header may carry, besides loopback names and `host`.',
            }),
          ),
          allowedOrigins: Type.Optional(
            Type.Array(Type.String({ minLength: 1 }), {
              description: 'Web origins that may call the gateway from a browser. Default: none but loopback ones.',
            }),
          ),
          maxBodyBytes: Type.Optional(
            Type.Integer({ minimum: 1024, description: 'Largest request body. Default: 33554432 (32 MiB).' }),
          ),
          maxHeaderBytes: Type.Optional(
            Type.Integer({
              minimum: 4_096,
              maximum: 1_048_576,
              description: 'Largest head of a request, takes effect at the next start. Default: 32768 (32 KiB).',
            }),
          ),
          bodyStallMs: Type.Optional(
            Type.Integer({
              minimum: 100,
              description: 'Longest silence within a request body before it is refused. Default: 60000.',
            }),
          ),
          bodyTotalMs: Type.Optional(
            Type.Integer({
              minimum: 100,
              description: 'Longest time that a whole request body may take, however slow the line. Default: 600000.',
            }),
          ),
          maxJsonDepth: Type.Optional(
            Type.Integer({
              minimum: 8,
              maximum: 10_000,
              description: 'Deepest nesting of a request body. Default: 256.',
            }),
          ),
          maxConcurrentRequests: Type.Optional(
            Type.Integer({ minimum: 1, description: 'Requests in flight before new ones get a 503. Default: 4096.' }),
          ),
          keepAliveMs: Type.Optional(
            Type.Integer({
              minimum: 100,
              description: 'Longest silence on an open stream before the gateway shows life. Default: 15000.',
            }),
          ),
          clientStallMs: Type.Optional(
            Type.Integer({
              minimum: 100,
              description:
                'How long a client may leave an answer unread before it is taken for gone, which ends the call behind it. Default: 300000.',
            }),
          ),
          openStreamAfterMs: Type.Optional(
            Type.Integer({
              minimum: 100,
              description:
                'A stream whose provider is silent is opened after this long. Until then a failure of all targets is a real HTTP error. Default: 20000.',
            }),
          ),
          shutdownGraceMs: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 3_600_000,
              description:
                'How long a gateway that is told to stop waits for the answers in flight. Whoever ends the process must wait a few seconds longer. Default: 8000.',
            }),
          ),
        },
        { ...closed, description: 'The HTTP side.' },
      ),
    ),
    plugins: Type.Array(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.Unknown(), { minItems: 1, maxItems: 2 })]),
      { description: 'Plugins in tap order: "name" or ["name", options]. A name is an npm package or a ./file.' },
    ),
  },
  { ...closed, description: 'Signalbox configuration' },
);

export type ServerConfig = Required<NonNullable<Static<typeof configSchema>['server']>>;

export const serverDefaults: ServerConfig = Object.freeze({
  host: '127.0.0.1',
  port: 8484,
  allowedHosts: [],
  allowedOrigins: [],
  maxBodyBytes: 32 * 1024 * 1024,
  maxHeaderBytes: 32 * 1024,
  bodyStallMs: 60_000,
  bodyTotalMs: 600_000,
  maxJsonDepth: 256,
  maxConcurrentRequests: 4096,
  keepAliveMs: 15_000,
  openStreamAfterMs: 20_000,
  clientStallMs: 300_000,
  // Docker kills after 10 s unless told otherwise: until then the errors of what is cut must be out.
  shutdownGraceMs: 8_000,
});
