import { type ChatRequest, type ClientContext, type Exchange, type JsonObject, stateKey } from '@signalbox/kit';
import { ID, isObject } from './fields.ts';

/** Whoever keeps responses in a server's place. */
export interface ResponseKeeper {
  /** The response that the client goes on from, by its own word: a body that was completed names it no more. */
  readonly previous?: string | undefined;
  /** Where the client finds an item of an input that was completed, as its own has fewer. */
  readonly placeOf?: ((index: number) => string) | undefined;
  /**
   * Told of a response once it is finished, as its client gets it.
   * @param response all of it but `output`
   * @param output its items, each as JSON
   */
  keep(response: JsonObject, output: readonly string[]): void;
}

const keeping = stateKey<{ keeper?: ResponseKeeper }>(() => ({}));

/** Has the answer to this exchange kept, if the client lets it be. It must be said before the request is decoded. */
export function keepResponse(exchange: Pick<Exchange, 'state'>, keeper: ResponseKeeper): void {
  exchange.state(keeping).keeper = keeper;
}

/** Who keeps responses at this exchange, whether this one may be kept or not. */
export function keeperOf(exchange: Pick<ClientContext, 'state'>): ResponseKeeper | undefined {
  return exchange.state?.(keeping).keeper;
}

/** Unless the client says no, as at OpenAI; but not where a part of the conversation is known to its provider alone. */
export function mayBeKept({ extensions }: ChatRequest): boolean {
  const { $echo: asked, conversation, prompt } = extensions?.[ID] ?? {};
  return !(isObject(asked) && asked.store === false) && conversation === undefined && prompt === undefined;
}
