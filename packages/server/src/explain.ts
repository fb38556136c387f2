import Router from '@koa/router';
import { authenticate, ExchangeState, type Explanation, explain, type Generation, parseBody } from '@signalbox/core';
import {
  errors,
  type Format,
  type HeaderMap,
  type IngressRoute,
  type JsonObject,
  type Principal,
} from '@signalbox/kit';
import type Koa from 'koa';
import { type BodyLimits, readBody } from './body.ts';
import { headOf } from './ingress.ts';

/** A request to explain: as it was recorded, or a body alone, whose format is then found out. */
export interface RequestToExplain {
  readonly body: JsonObject;
  /** Where the client sent it: `/v1/messages`. */
  readonly path?: string;
  readonly headers?: HeaderMap;
  /** The model, where the path of such a request has it and not the body. */
  readonly model?: string;
}

interface Matched {
  readonly format: Format;
  readonly route: IngressRoute;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads what `/explain` and the command are given: a client's body, or a recorded request with `path`, `headers` and `body`.
 */
export function requestToExplain(given: JsonObject, path?: string, model?: string): RequestToExplain {
  const { body, path: recordedPath, headers } = given;
  const isRecord =
    typeof body === 'object' && body !== null && !Array.isArray(body) && typeof recordedPath === 'string';
  const named = model === undefined ? {} : { model };
  if (!isRecord) return { body: given, ...(path === undefined ? {} : { path }), ...named };
  return { body, path: path ?? recordedPath, headers: lowerCased(headers), ...named };
}

/**
 * Says what the gateway would do with a request, without calling a provider.
 * @throws {SignalboxError} INVALID_REQUEST where no format of this gateway fits.
 */
export async function explainRequest(
  generation: Generation,
  { body, path, headers = {}, model }: RequestToExplain,
  principal: Principal,
): Promise<Explanation> {
  const { format, route, params } =
    path === undefined ? resembling(generation, body, model) : matching(generation, path.replace(/\?.*$/s, ''));
  const exchange = new ExchangeState({
    format,
    operation: route.operation === 'count-tokens' ? 'count-tokens' : 'chat',
    method: 'POST',
    path: path ?? route.path,
    ingressPath: route.path,
    ...(params.model === undefined ? {} : { model: params.model }),
    stream: route.stream,
    headers,
    rawBody: Buffer.from(JSON.stringify(body)),
    remoteAddress: undefined,
    maxJsonDepth: generation.config.server.maxJsonDepth,
    maxBodyBytes: generation.config.server.maxBodyBytes,
    principal,
    explained: true,
  });
  return explain(generation, exchange);
}

/** `POST /explain`: admits the caller as for a call of the same format, then answers with the explanation. */
export async function serveExplain(generation: Generation, context: Koa.Context): Promise<Explanation> {
  const { req, query } = context;
  const [anyFormat] = generation.formats.values();
  if (anyFormat === undefined) throw errors.notFound('This gateway serves no client format.');
  const caller = headOf(anyFormat, 'models', context);
  await authenticate(generation, caller);
  const given = parseBody(await readBody(req, limitsOf(generation)));
  const request = requestToExplain(given, only(query.path), only(query.model));
  return explainRequest(generation, { headers: req.headers as HeaderMap, ...request }, caller.principal ?? NOBODY);
}

/** What is explained is parsed, encoded and printed while all others wait. */
const MAX_EXPLAIN_BYTES = 8 * 1024 * 1024;

function limitsOf({ config: { server } }: Generation): BodyLimits {
  if (server.maxBodyBytes <= MAX_EXPLAIN_BYTES) return server;
  return {
    ...server,
    maxBodyBytes: MAX_EXPLAIN_BYTES,
    tooLargeMessage: `POST /explain takes at most ${MAX_EXPLAIN_BYTES} bytes: for a larger request use the command "signalbox explain", which holds up nobody.`,
  };
}

const NOBODY: Principal = { id: 'local' };

function matching(generation: Generation, path: string): Matched {
  for (const format of generation.formats.values()) {
    for (const route of format.ingress) {
      if (route.operation !== 'chat' && route.operation !== 'count-tokens') continue;
      const router = new Router();
      router.register(route.path, [route.method], () => {});
      const [layer] = router.match(path, route.method).pathAndMethod;
      if (layer === undefined) continue;
      return { format, route, params: layer.params(path, layer.captures(path)) };
    }
  }
  throw errors.invalidRequest(`No client format of this gateway is served at ${path}.`);
}

function resembling(generation: Generation, body: JsonObject, model: string | undefined): Matched {
  const scored = [...generation.formats.values()].map((format) => ({ format, score: format.resembles?.(body) ?? 0 }));
  const [best] = scored.sort((a, b) => b.score - a.score);
  const route = best === undefined ? undefined : chatRoute(best.format, body);
  if (best === undefined || best.score === 0 || route === undefined) {
    const known = [...generation.formats.values()].flatMap((format) => chatRoute(format)?.path ?? []).map(spelt);
    throw errors.invalidRequest(
      `This body fits none of the client formats (${[...generation.formats.keys()].join(', ')}). Say where it goes, as ?path= or --path: ${known.join(', ')}`,
    );
  }
  const { format } = best;
  return { format, route, params: format.modelInBody === false ? { model: modelOf(body, model, route) } : {} };
}

function chatRoute({ ingress, chatPath }: Format, body?: JsonObject): IngressRoute | undefined {
  const path = body === undefined ? undefined : chatPath?.(body);
  return ingress.find((route) => route.operation === 'chat' && (path === undefined || route.path === path));
}

/** Some clients put the model into the body although the path has it. */
function modelOf(body: JsonObject, given: string | undefined, { path }: IngressRoute): string {
  const model = given ?? (typeof body.model === 'string' ? body.model.replace(/^models\//, '') : '');
  if (model !== '') return model;
  throw errors.invalidRequest(
    `This body does not say its model, which stands in the path. Say it as ?model= or --model, or say the whole path as ?path= or --path: ${spelt(path)}`,
  );
}

/** A path as one would write it: `/v1beta/models/<model>:generateContent`. */
function spelt(path: string): string {
  return path.replace(/(?<!\\)[:*](\w+)/g, '<$1>').replaceAll('\\', '');
}

function only(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lowerCased(headers: JsonObject[string]): HeaderMap {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return {};
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
    ),
  );
}
