import type { ClientContext } from '@signalbox/kit';
import { ID } from './fields.ts';

/** How the client wants its answer. */
export interface ClientWishes {
  /** It asked to be shown thoughts; others take a thought's text for the answer. */
  readonly thoughts: boolean;
  /** The stream as one JSON array instead of events. */
  readonly array: boolean;
}

export function clientWishes({ request }: ClientContext): ClientWishes {
  return {
    thoughts: request.reasoning?.display === 'summarized',
    array: request.extensions?.[ID]?.$array === true,
  };
}
