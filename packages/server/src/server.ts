import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Generation } from '@signalbox/core';
import { errors, newId, SignalboxError } from '@signalbox/kit';
import Koa from 'koa';
import { answerError } from './answer.ts';
import { createRoutes, formatOf } from './ingress.ts';
import { createAccessCheck, isLoopback } from './security.ts';

/** How often a gateway that stops looks for connections whose answers are out. */
const SWEEP_MS = 100;

/** A gateway that listens. */
export interface Gateway {
  /** `http://127.0.0.1:8484`; the real port where 0 was asked for. */
  readonly url: string;
  readonly generation: Generation;
  /** Stops accepting, waits up to `graceMs` for the answers in flight, then cuts what is left. Later calls do nothing more. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Serves a generation over HTTP.
 * @throws {SignalboxError} PORT_IN_USE, BIND_REFUSED for an open address without an auth plugin, LISTEN_FAILED.
 */
export async function startServer(generation: Generation, { version }: { version: string }): Promise<Gateway> {
  const { server: config } = generation.config;
  if (!isLoopback(config.host) && !generation.hooks.auth.isUsed()) {
    throw new SignalboxError(
      'BIND_REFUSED',
      `Listening on ${config.host} lets others use your providers' keys. Add the plugin "@signalbox/auth-api-key", or listen on 127.0.0.1.`,
    );
  }
  const server = createServer({ maxHeaderSize: 32 * 1024, noDelay: true }, createApp(generation, version).callback());
  server.requestTimeout = 120_000;
  server.keepAliveTimeout = 75_000;
  await listen(server, config.host, config.port);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const shownHost = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: `http://${shownHost}:${port}`,
    generation,
    close: (graceMs = 10_000) => {
      closing ??= close(server, generation, graceMs);
      return closing;
    },
  };
}

function createApp(generation: Generation, version: string): Koa {
  const { server: config } = generation.config;
  const routes = createRoutes(generation, version);
  const checkAccess = createAccessCheck(config);
  let inFlight = 0;
  const app = new Koa();
  app.silent = true;
  app.use(async (context, next) => {
    inFlight++;
    if (context.res.socket === null) closeWithConnection(context.req, context.res);
    context.res.once('close', () => inFlight--);
    try {
      if (!context.url.startsWith('/')) {
        context.url = '/';
        throw errors.invalidRequest('This gateway is no proxy: ask for a path, not for a whole URL.');
      }
      checkAccess(context.req.headers);
      if (inFlight > config.maxConcurrentRequests) {
        throw errors.unavailable(
          `This gateway serves ${config.maxConcurrentRequests} requests at once (server.maxConcurrentRequests).`,
        );
      }
      if (allowCrossOrigin(context)) return;
      await next();
      if (context.respond !== false && context.status === 404 && context.body === undefined) {
        throw errors.notFound(`There is nothing at ${context.method} ${context.path}.`);
      }
    } catch (error) {
      if (context.res.headersSent) return;
      const format = formatOf(generation, context);
      if (format === undefined) {
        const { status, code, message } = SignalboxError.from(error);
        context.status = status;
        context.body = { error: { code, message } };
        return;
      }
      context.respond = false;
      answerError({ id: newId('sbx_'), clientFormat: format }, error, context.res);
      if (!SignalboxError.is(error)) generation.log.error({ err: error }, 'unexpected failure');
    }
  });
  app.use(async (context, next) => {
    const { method, path } = context;
    if (path === '/health' && (method === 'GET' || method === 'HEAD')) {
      // Names of providers are for those who may use them.
      const providers = generation.hooks.auth.isUsed() ? {} : { providers: [...generation.providers.keys()] };
      context.body = { status: 'ok', name: 'signalbox', version, ...providers };
    } else if (path === '/' && (method === 'GET' || method === 'HEAD')) {
      context.body = `Signalbox ${version}\n`;
    } else {
      await next();
    }
  });
  app.use(routes);
  return app;
}

/** An answer that waits behind another one on its connection has no socket yet, and does not hear of the connection's end. */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const gone = (): void => {
    if (response.socket !== null) return;
    response.destroy();
    response.emit('close');
  };
  socket.once('close', gone);
  response.once('close', () => socket.off('close', gone));
}

/** Answers a preflight, and lets a page read the answer, for the origins that passed the check. */
function allowCrossOrigin(context: Koa.Context): boolean {
  const { origin } = context.req.headers;
  if (origin === undefined) return false;
  context.res.setHeader('access-control-allow-origin', origin);
  context.res.setHeader('vary', 'origin');
  context.res.setHeader('access-control-expose-headers', '*');
  if (context.method !== 'OPTIONS') return false;
  context.set('access-control-allow-methods', 'GET, POST, HEAD, OPTIONS');
  context.set('access-control-allow-headers', context.get('access-control-request-headers') || '*');
  context.set('access-control-max-age', '600');
  context.status = 204;
  return true;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(
          new SignalboxError(
            'PORT_IN_USE',
            `Port ${port} on ${host} is in use. Stop what listens there, or choose another one: --port ${port + 1}.`,
          ),
        );
        return;
      }
      reject(
        new SignalboxError('LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${error.message}.`, { cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });
}

async function close(server: Server, generation: Generation, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A client keeps its connection open after the answer that was in flight.
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('connection', 'close'));
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
  await generation.close();
}
