import type { HeaderMap } from '@signalbox/kit';

/** The keys that a caller sent, as `x-api-key` and as a Bearer token: clients with two settings send both. */
export function presentedKeys({ 'x-api-key': apiKey, authorization }: HeaderMap): readonly string[] {
  const key = apiKey?.trim() ?? '';
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? '';
  return [key, bearer].filter((presented) => presented !== '');
}
