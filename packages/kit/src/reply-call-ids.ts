import type { ChatRequest } from '@signalbox/spec';
import { newId } from './ids.ts';

/**
 * Ids for the tool calls of one reply, as the client will see them. A client matches calls and results by id over the
 * whole session, so an id that its history holds already gets a fresh one in its place. The history is read at the
 * first call.
 */
export class ReplyCallIds {
  readonly #request: () => ChatRequest;
  readonly #prefix: string;
  #used: Set<string> | undefined;

  constructor(request: () => ChatRequest, prefix: string) {
    this.#request = request;
    this.#prefix = prefix;
  }

  claim(id: string): string {
    this.#used ??= callIdsOf(this.#request());
    const unique = id === '' || this.#used.has(id) ? newId(this.#prefix) : id;
    this.#used.add(unique);
    return unique;
  }
}

function callIdsOf({ messages }: ChatRequest): Set<string> {
  const ids = new Set<string>();
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue;
    for (const block of content) if (block.type === 'tool-call') ids.add(block.id);
  }
  return ids;
}
