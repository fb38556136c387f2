import type { ReasoningState } from '@signalbox/spec';
import { parseJson } from './parse-json.ts';

const PREFIX = 'signalbox1.';

/**
 * Packs foreign reasoning state into the one opaque string that a client format has room for. It is not a signature and
 * does not look like one: `signalbox1.<origin>.<base64url of the JSON data>`. It never goes to a provider.
 */
export function packReasoningState({ origin, data }: ReasoningState): string {
  return `${PREFIX}${encodeURIComponent(origin).replaceAll('.', '%2E')}.${Buffer.from(JSON.stringify(data)).toString('base64url')}`;
}

/** The state that `packReasoningState` packed; `undefined` for any other string, such as a genuine signature. */
export function unpackReasoningState(packed: string): ReasoningState | undefined {
  if (!packed.startsWith(PREFIX)) return undefined;
  const [origin, data, ...rest] = packed.slice(PREFIX.length).split('.');
  if (!origin || data === undefined || rest.length > 0) return undefined;
  try {
    return {
      origin: decodeURIComponent(origin),
      data: parseJson(Buffer.from(data, 'base64url').toString()),
    };
  } catch {
    return undefined;
  }
}
