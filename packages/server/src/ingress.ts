import Router from '@koa/router';
import {
  authenticate,
  ExchangeState,
  finishExchange,
  type Generation,
  runCountTokens,
  runPipeline,
} from '@signalbox/core';
import { errors, type Format, type HeaderMap, newId, SignalboxError } from '@signalbox/kit';
import type Koa from 'koa';
import { answerChat, answerError } from './answer.ts';
import { readBody } from './body.ts';

/** The routes of one generation: what its formats serve. Paths that several formats share go to the one that recognises the client. */
export function createRoutes(generation: Generation): Koa.Middleware {
  const router = new Router();
  const shared = new Map<string, { format: Format; operation: Format['ingress'][number]['operation'] }[]>();
  for (const format of generation.formats.values()) {
    for (const { method, path, operation } of format.ingress) {
      const key = `${method} ${path}`;
      const servers = shared.get(key);
      if (servers !== undefined) {
        servers.push({ format, operation });
        continue;
      }
      const own = [{ format, operation }];
      shared.set(key, own);
      router.register(path, [method], async (context) => {
        const chosen = own.find((candidate) => recognises(candidate.format, context)) ?? own[0];
        if (chosen !== undefined) await serve(generation, chosen.format, chosen.operation, context);
      });
    }
  }
  return router.routes() as unknown as Koa.Middleware;
}

/** The format whose clients a request looks like, for answers that belong to no route. */
export function formatOf(generation: Generation, context: Koa.Context): Format | undefined {
  const formats = [...generation.formats.values()];
  return formats.find((format) => recognises(format, context)) ?? formats[0];
}

function recognises(format: Format, { method, path, req }: Koa.Context): boolean {
  return format.recognises({ method, path, headers: req.headers as HeaderMap });
}

async function serve(
  generation: Generation,
  format: Format,
  operation: Format['ingress'][number]['operation'],
  context: Koa.Context,
): Promise<void> {
  if (operation === 'models' || operation === 'model') {
    await serveModels(generation, format, operation, context);
    return;
  }
  context.respond = false;
  await serveExchange(generation, format, operation, context);
}

async function serveModels(
  generation: Generation,
  format: Format,
  operation: 'models' | 'model',
  context: Koa.Context,
): Promise<void> {
  const { req, method, path } = context;
  await authenticate(
    generation,
    new ExchangeState({
      format,
      operation: 'models',
      model: '',
      method,
      path,
      headers: req.headers as HeaderMap,
      rawBody: Buffer.alloc(0),
      remoteAddress: req.socket.remoteAddress,
    }),
  );
  if (operation === 'models') {
    context.body = format.encodeModels(generation.models());
    return;
  }
  const id = String(context.params.model);
  const model = generation.models().find((candidate) => candidate.id === id);
  if (model === undefined) throw errors.modelNotFound(`There is no model "${id}" in the list of this gateway.`);
  context.body = format.encodeModel(model);
}

async function serveExchange(
  generation: Generation,
  format: Format,
  operation: 'chat' | 'count-tokens',
  context: Koa.Context,
): Promise<void> {
  const { req, res } = context;
  const { server } = generation.config;
  let exchange: ExchangeState | undefined;
  try {
    const rawBody = await readBody(req, server.maxBodyBytes);
    const current = new ExchangeState({
      format,
      operation,
      method: context.method,
      path: context.path,
      headers: req.headers as HeaderMap,
      rawBody,
      remoteAddress: req.socket.remoteAddress,
      maxJsonDepth: server.maxJsonDepth,
    });
    exchange = current;
    res.on('close', () => {
      if (!res.writableFinished) current.abort();
    });
    if (res.destroyed) current.abort();
    if (operation === 'count-tokens') {
      const tokens = await runCountTokens(generation, current);
      const body = Buffer.from(JSON.stringify(format.encodeTokenCount?.(tokens) ?? {}));
      current.status = 200;
      current.bytesOut = body.length;
      res.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        'x-signalbox-id': current.id,
      });
      res.end(body);
    } else {
      await answerChat(current, () => runPipeline(generation, current), res, server);
    }
    if (current.aborted) current.status = 499;
    finishExchange(generation, current, current.aborted ? errors.clientClosed() : undefined);
  } catch (error) {
    if (!res.headersSent && !res.destroyed) {
      const status = answerError(exchange ?? { id: newId('sbx_'), clientFormat: format }, error, res);
      if (exchange !== undefined) exchange.status = status;
      // What is left of a body that was refused is not read: the connection cannot be used again.
      if (SignalboxError.is(error) && error.code === 'REQUEST_TOO_LARGE') req.destroy();
    }
    if (exchange === undefined) return;
    if (exchange.aborted) exchange.status = 499;
    finishExchange(generation, exchange, exchange.aborted ? errors.clientClosed() : error);
  }
}
