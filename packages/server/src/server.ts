import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExchangeState, Generation } from '@signalbox/core';
import { errors, newId, SignalboxError } from '@signalbox/kit';
import Koa from 'koa';
import { answerError } from './answer.ts';
import { Closing } from './closing.ts';
import { serveExplain } from './explain.ts';
import { health, type ServerState } from './health.ts';
import { formatOf } from './ingress.ts';
import { Line } from './line.ts';
import { isLoopback } from './security.ts';

/** A gateway that listens. */
export interface Gateway {
  /** `http://127.0.0.1:8484`; the real port where 0 was asked for. */
  readonly url: string;
  /** The one that new requests get. */
  readonly generation: Generation;
  /**
   * Gives new requests another generation. Requests in flight keep theirs, which is closed behind the last of them.
   * @throws {SignalboxError} BAD_CONFIG where it wants another address, BIND_REFUSED; then nothing has changed.
   */
  replace(generation: Generation): void;
  /** What `/health` says about the last change of the configuration; `undefined` where it was taken over. */
  reportReload(problem: string | undefined): void;
  /**
   * Stops accepting, waits up to `graceMs` for the answers in flight, then ends what is left with an error in its
   * client's format. A later call can only shorten the wait.
   */
  close(graceMs?: number): Promise<void>;
}

/**
 * Serves a generation over HTTP.
 * @throws {SignalboxError} PORT_IN_USE, BIND_REFUSED for an open address without an auth plugin, LISTEN_FAILED.
 */
export async function startServer(generation: Generation, { version }: { version: string }): Promise<Gateway> {
  refuseOpenBind(generation);
  const { host, port: wantedPort } = generation.config.server;
  const state = {
    version,
    line: new Line(generation, version),
    generations: 1,
    reloadProblem: undefined as string | undefined,
    running: new Set<ExchangeState>(),
    retired: new Set<Line>(),
    responses: new Set<ServerResponse>(),
  };
  const server = createServer({ maxHeaderSize: 32 * 1024, noDelay: true }, createApp(state).callback());
  server.requestTimeout = 120_000;
  server.keepAliveTimeout = 75_000;
  await listen(server, host, wantedPort);
  const { port } = server.address() as AddressInfo;
  let closing: Closing | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get generation() {
      return state.line.generation;
    },
    replace: (next) => {
      refuseOpenBind(next);
      const { server: wanted } = next.config;
      if (wanted.host !== host || wanted.port !== wantedPort) {
        throw new SignalboxError(
          'BAD_CONFIG',
          `server.host and server.port take effect at the next start; this gateway listens on ${host}:${port}.`,
        );
      }
      const before = state.line;
      state.line = new Line(next, version);
      state.generations++;
      state.reloadProblem = undefined;
      state.retired.add(before);
      before.retire(() => state.retired.delete(before));
    },
    reportReload: (problem) => {
      state.reloadProblem = problem;
    },
    close: (graceMs = 10_000) => {
      closing ??= new Closing(server, state);
      closing.endWithin(graceMs);
      return closing.done;
    },
  };
}

/** What the app looks up anew for every request. */
interface AppState extends ServerState {
  readonly line: Line;
  readonly running: Set<ExchangeState>;
  /** Those that are not closed yet. */
  readonly retired: ReadonlySet<Line>;
  /** Those that have not reached their clients yet. */
  readonly responses: Set<ServerResponse>;
}

/** @throws {SignalboxError} BIND_REFUSED */
function refuseOpenBind({ config, hooks }: Generation): void {
  const { host } = config.server;
  if (isLoopback(host) || hooks.auth.isUsed()) return;
  throw new SignalboxError(
    'BIND_REFUSED',
    `Listening on ${host} lets others use your providers' keys. Add the plugin "@signalbox/auth-api-key", or listen on 127.0.0.1.`,
  );
}

function createApp(state: AppState): Koa {
  const { responses } = state;
  const app = new Koa();
  app.silent = true;
  app.use(async (context, next) => {
    const { line } = state;
    const { generation } = line;
    const { maxConcurrentRequests } = generation.config.server;
    context.state.line = line;
    context.state.running = state.running;
    responses.add(context.res);
    const leave = line.enter();
    if (context.res.socket === null) closeWithConnection(context.req, context.res);
    const closed = new Promise<void>((resolve) => {
      context.res.once('close', () => {
        responses.delete(context.res);
        resolve();
      });
    });
    try {
      if (!context.url.startsWith('/')) {
        context.url = '/';
        throw errors.invalidRequest('This gateway is no proxy: ask for a path, not for a whole URL.');
      }
      line.checkAccess(context.req.headers);
      if (responses.size > maxConcurrentRequests) {
        throw errors.unavailable(
          `This gateway serves ${maxConcurrentRequests} requests at once (server.maxConcurrentRequests).`,
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
    } finally {
      // The log of an exchange and the end of its answer come in either order.
      void closed.then(leave);
    }
  });
  app.use(async (context, next) => {
    const { method, path } = context;
    if (path === '/health' && (method === 'GET' || method === 'HEAD')) {
      context.body = await health(state.line.generation, state, context);
    } else if (path === '/explain' && method === 'POST') {
      context.body = await serveExplain((context.state.line as Line).generation, context);
    } else if (path === '/' && (method === 'GET' || method === 'HEAD')) {
      context.body = `Signalbox ${state.version}\n`;
    } else {
      await next();
    }
  });
  app.use((context, next) => (context.state.line as Line).routes(context, next));
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
