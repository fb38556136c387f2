import type { ResponseKeeper } from '@signalbox/format-openai-responses';
import type { Exchange, JsonObject } from '@signalbox/kit';
import { completedBody, conversationOf, refers } from './conversation.ts';
import { Item, type Kept, type ResponseStore } from './store.ts';

/** Whose responses an exchange is about. */
export function ownerOf({ principal }: Pick<Exchange, 'principal'>): string {
  return principal?.id ?? '';
}

/**
 * Makes a request whole that refers to what is kept here, and keeps its answer.
 * @throws {SignalboxError} INVALID_REQUEST or UNSUPPORTED for one that cannot be made whole: it means nothing to a provider.
 */
export function completeAndKeep(exchange: Exchange, store: ResponseStore): ResponseKeeper {
  const owner = ownerOf(exchange);
  const isReferring = refers(exchange, store, owner);
  const known = isReferring ? conversationOf(exchange.body, store, owner) : undefined;
  if (known !== undefined) exchange.completeBody(completedBody(exchange.body, known));
  // The decoder says what is wrong with an input that is none.
  else if (isReferring) void exchange.request;
  return {
    previous: known?.previous,
    placeOf: known?.placeOf,
    keep: (response, output) => {
      const conversation = known ?? conversationOf(exchange.body, store, owner);
      if (conversation === undefined) return;
      store.keep(owner, {
        id: String(response.id),
        root: conversation.root,
        input: conversation.items,
        output: output.map(outputItem),
        texts: textsOf(response),
      });
    },
  };
}

function outputItem(text: string): Item {
  const { id } = JSON.parse(text) as JsonObject;
  return new Item(text, typeof id === 'string' ? id : undefined);
}

function textsOf({ instructions = null, tools = [], ...rest }: JsonObject): string[] {
  return [rest, { instructions }, { tools }].map((part) => JSON.stringify(part));
}

/** The response object without its `output`. */
export function responseOf({ texts }: Pick<Kept, 'texts'>): JsonObject {
  return Object.assign({}, ...texts.map((text) => JSON.parse(text) as JsonObject)) as JsonObject;
}
