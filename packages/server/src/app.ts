import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExchangeState, finishExchange } from '@signalbox/core';
import { errors, SignalboxError } from '@signalbox/kit';
import Koa from 'koa';
import { answerError } from './answer.ts';
import { allowCrossOrigin } from './cross-origin.ts';
import { serveExplain } from './explain.ts';
import { health, type ServerState } from './health.ts';
import { formatOf, headOf } from './ingress.ts';
import type { Line } from './line.ts';

const HEALTH = '/health';

/** What the app looks up anew for every request. */
export interface AppState extends ServerState {
  readonly line: Line;
  readonly running: Set<ExchangeState>;
  /** Those that are not closed yet. */
  readonly retired: ReadonlySet<Line>;
  /** Those that have not reached their clients yet. */
  readonly responses: Set<ServerResponse>;
}

/** What stands before the routes of a generation: who may come in, and what belongs to no format. */
export function createApp(state: AppState): Koa {
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
      // A gateway that is busy is not ill.
      if (responses.size > maxConcurrentRequests && context.path !== HEALTH) {
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
      const exchange = headOf(format, context.method === 'POST' ? 'chat' : 'models', context);
      exchange.status = answerError(exchange, error, context.res);
      finishExchange(generation, exchange, error);
    } finally {
      // The log of an exchange and the end of its answer come in either order.
      void closed.then(leave);
    }
  });
  app.use(async (context, next) => {
    const { method, path } = context;
    if (path === HEALTH && (method === 'GET' || method === 'HEAD')) {
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
