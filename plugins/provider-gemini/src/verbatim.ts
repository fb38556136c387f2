import { REASONING_MARK } from '@signalbox/format-gemini';
import type { ProviderCall } from '@signalbox/kit';

/**
 * Whether a client's own body may go as it is: not where it holds reasoning of other providers in the place of a signature,
 * and not where the client wants its stream in the old form, which the answer would have to be in.
 */
export function acceptsVerbatim({ rawBody, stream, query }: ProviderCall): boolean {
  if (stream && query !== undefined && !/(?:^|&)(?:%24|\$)?alt=sse(?:&|$)/.test(query)) return false;
  return rawBody?.includes(REASONING_MARK) !== true;
}
