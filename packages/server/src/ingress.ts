import type { ServerResponse } from 'node:http';
import Router from '@koa/router';
import {
  authenticate,
  type ExchangeInit,
  ExchangeState,
  finishExchange,
  type Generation,
  parseBody,
  runCountTokens,
  runPipeline,
} from '@signalbox/core';
import { errors, type Format, type HeaderMap, type InfoRequest, type IngressRoute } from '@signalbox/kit';
import type Koa from 'koa';
import { answerChat, answerCount, answerError } from './answer.ts';
import { readBody } from './body.ts';

/** A question about the gateway itself is short. */
const MAX_INFO_BYTES = 64 * 1024;
const INFO_TOO_LARGE = `The request body is larger than ${MAX_INFO_BYTES} bytes.`;

/** The routes of one generation: what its formats serve. Paths that several formats share go to the one that recognises the client. */
export function createRoutes(generation: Generation, version: string): Koa.Middleware {
  const router = new Router();
  const shared = new Map<string, { format: Format; route: IngressRoute }[]>();
  for (const format of generation.formats.values()) {
    for (const route of format.ingress) {
      const { method, path } = route;
      const key = `${method} ${path}`;
      const servers = shared.get(key);
      if (servers !== undefined) {
        servers.push({ format, route });
        continue;
      }
      const own = [{ format, route }];
      shared.set(key, own);
      router.register(path, [method], async (context) => {
        const chosen = own.find((candidate) => recognises(candidate.format, context)) ?? own[0];
        if (chosen === undefined) return;
        context.state.format = chosen.format;
        await serve(generation, chosen.format, chosen.route, version, context);
      });
    }
  }
  return router.routes() as unknown as Koa.Middleware;
}

/** The format whose route it is, else the one whose clients a request looks like. */
export function formatOf(generation: Generation, context: Koa.Context): Format | undefined {
  if (context.state.format !== undefined) return context.state.format as Format;
  const formats = [...generation.formats.values()];
  return formats.find((format) => recognises(format, context)) ?? formats[0];
}

function recognises(format: Format, { method, path, req }: Koa.Context): boolean {
  return format.recognises({ method, path, headers: req.headers as HeaderMap });
}

async function serve(
  generation: Generation,
  format: Format,
  route: IngressRoute,
  version: string,
  context: Koa.Context,
): Promise<void> {
  const { operation } = route;
  if (operation === 'chat' || operation === 'count-tokens') {
    context.respond = false;
    await serveExchange(generation, format, { ...route, operation }, context);
    return;
  }
  const caller = headOf(format, 'models', context);
  await authenticate(generation, caller);
  context.body =
    operation === 'info'
      ? await answerInfo(generation, route, { version, principal: caller.principal }, context)
      : answerModels(generation, format, operation, context);
}

async function answerInfo(
  generation: Generation,
  { method, question, respond }: IngressRoute,
  about: Pick<InfoRequest, 'version' | 'principal'>,
  { req, params, querystring }: Koa.Context,
): Promise<object> {
  const sent =
    method === 'POST'
      ? await readBody(req, {
          ...generation.config.server,
          maxBodyBytes: MAX_INFO_BYTES,
          tooLargeMessage: INFO_TOO_LARGE,
        })
      : Buffer.alloc(0);
  const body = sent.length === 0 ? {} : parseBody(sent);
  const query = Object.fromEntries(new URLSearchParams(querystring));
  const request = { params, query, body, models: generation.models(), ...about };
  const answer = question === undefined ? undefined : generation.answers.get(question);
  return (await (answer ?? respond)?.(request)) ?? {};
}

function answerModels(
  generation: Generation,
  format: Format,
  operation: 'models' | 'model',
  { params, req }: Koa.Context,
): object {
  if (operation === 'models') return format.encodeModels(generation.models(), req.headers as HeaderMap);
  const id = String(params.model);
  const model = generation.models().find((candidate) => candidate.id === id);
  if (model === undefined) throw errors.modelNotFound(`There is no model "${id}" in the list of this gateway.`);
  return format.encodeModel(model);
}

async function serveExchange(
  generation: Generation,
  format: Format,
  { operation, path, stream }: IngressRoute & { readonly operation: 'chat' | 'count-tokens' },
  context: Koa.Context,
): Promise<void> {
  const { req, res } = context;
  const running = context.state.running as Set<ExchangeState>;
  const { server } = generation.config;
  let exchange: ExchangeState | undefined;
  try {
    if (generation.hooks.auth.isUsed()) {
      exchange = headOf(format, operation, context);
      await whileHeard(res, authenticate(generation, exchange));
    }
    const rawBody = await readBody(req, server);
    const { maxJsonDepth, maxBodyBytes } = server;
    const current = new ExchangeState({
      ...initOf(format, operation, context, rawBody),
      ...(context.params.model === undefined ? {} : { model: String(context.params.model) }),
      stream,
      ingressPath: path,
      maxJsonDepth,
      maxBodyBytes,
      principal: exchange?.principal,
    });
    exchange = current;
    running.add(current);
    res.on('close', () => {
      if (!res.writableFinished) current.abort();
    });
    if (res.destroyed) current.abort();
    if (operation === 'count-tokens') {
      const tokens = await whileHeard(res, runCountTokens(generation, current));
      answerCount(current, tokens, res, server);
    } else {
      await whileHeard(
        res,
        answerChat(current, () => runPipeline(generation, current), res, server),
      );
    }
    if (current.aborted) current.status = 499;
    finishExchange(generation, current, current.aborted ? errors.clientClosed() : undefined);
  } catch (thrown) {
    const error = exchange?.stopped ?? thrown;
    // What was refused before its body was understood is recorded all the same.
    exchange ??= headOf(format, operation, context);
    if (!res.headersSent && !res.destroyed) {
      exchange.status = answerError(exchange, error, res);
    }
    const left = exchange.aborted || (res.destroyed && exchange.status === 0);
    if (left) exchange.status = 499;
    finishExchange(generation, exchange, left ? errors.clientClosed() : error);
  } finally {
    if (exchange !== undefined) running.delete(exchange);
  }
}

/** How long whoever works for a client that has left may take to notice. */
const NOTICE_MS = 3_000;

/**
 * What comes of the work for a client, unless that has left and the work does not end: a plugin that never answers holds no
 * exchange for ever. @throws {SignalboxError} CLIENT_CLOSED
 */
function whileHeard<T>(res: ServerResponse, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const left = (): void => {
      if (!res.writableFinished) setTimeout(() => reject(errors.clientClosed()), NOTICE_MS).unref();
    };
    res.once('close', left);
    if (res.destroyed) left();
    work.then(resolve, reject).finally(() => res.off('close', left));
  });
}

/** A request as far as its headers tell, without a body and a model. */
export function headOf(format: Format, operation: ExchangeInit['operation'], context: Koa.Context): ExchangeState {
  return new ExchangeState({ ...initOf(format, operation, context, Buffer.alloc(0)), model: '' });
}

function initOf(
  format: Format,
  operation: ExchangeInit['operation'],
  { method, path, querystring: query, req }: Koa.Context,
  rawBody: Buffer,
): ExchangeInit {
  const { remoteAddress } = req.socket;
  return { format, operation, method, path, query, headers: req.headers as HeaderMap, rawBody, remoteAddress };
}
