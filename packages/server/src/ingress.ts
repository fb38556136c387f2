import Router from '@koa/router';
import {
  authenticate,
  type ExchangeInit,
  ExchangeState,
  finishExchange,
  type Generation,
  runCountTokens,
  runPipeline,
} from '@signalbox/core';
import { errors, type Format, type HeaderMap, SignalboxError } from '@signalbox/kit';
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
  await authenticate(generation, headOf(format, 'models', context));
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
    if (generation.hooks.auth.isUsed()) {
      exchange = headOf(format, operation, context);
      await authenticate(generation, exchange);
    }
    const rawBody = await readBody(req, server.maxBodyBytes);
    const { maxJsonDepth } = server;
    const current = new ExchangeState({
      ...initOf(format, operation, context, rawBody),
      maxJsonDepth,
      principal: exchange?.principal,
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
    // What was refused before its body was understood is recorded all the same.
    exchange ??= headOf(format, operation, context);
    if (!res.headersSent && !res.destroyed) {
      exchange.status = answerError(exchange, error, res);
      // What is left of a body that was refused is not read: the connection cannot be used again.
      if (SignalboxError.is(error) && error.code === 'REQUEST_TOO_LARGE') req.destroy();
    }
    const left = exchange.aborted || (res.destroyed && exchange.status === 0);
    if (left) exchange.status = 499;
    finishExchange(generation, exchange, left ? errors.clientClosed() : error);
  }
}

/** A request as far as its headers tell, without a body and a model. */
function headOf(format: Format, operation: ExchangeInit['operation'], context: Koa.Context): ExchangeState {
  return new ExchangeState({ ...initOf(format, operation, context, Buffer.alloc(0)), model: '' });
}

function initOf(
  format: Format,
  operation: ExchangeInit['operation'],
  { method, path, req }: Koa.Context,
  rawBody: Buffer,
): ExchangeInit {
  const { remoteAddress } = req.socket;
  return { format, operation, method, path, headers: req.headers as HeaderMap, rawBody, remoteAddress };
}
