import type Koa from 'koa';

/** Answers a preflight, and lets a page read the answer, for the origins that passed the check. */
export function allowCrossOrigin(context: Koa.Context): boolean {
  const { origin } = context.req.headers;
  if (origin === undefined) return false;
  context.res.setHeader('access-control-allow-origin', origin);
  context.res.setHeader('vary', 'origin');
  context.res.setHeader('access-control-expose-headers', '*');
  if (context.method !== 'OPTIONS') return false;
  context.set('access-control-allow-methods', 'GET, POST, HEAD, DELETE, OPTIONS');
  context.set('access-control-allow-headers', context.get('access-control-request-headers') || '*');
  context.set('access-control-max-age', '600');
  context.status = 204;
  return true;
}
