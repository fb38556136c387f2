import type { HeaderMap } from '@signalbox/kit';

/**
 * The keys that a caller sent, as `x-api-key`, as `x-goog-api-key` and as a Bearer token: clients with two settings send
 * both. Never in the URL, which is logged on the way.
 */
export function presentedKeys(headers: HeaderMap): readonly string[] {
  const keys = [headers['x-api-key'], headers['x-goog-api-key']].map((key) => key?.trim() ?? '');
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return [...keys, bearer].filter((presented) => presented !== '');
}
