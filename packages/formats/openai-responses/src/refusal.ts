import { type ChatRequest, errors, isMadeUpId, type JsonObject, type SignalboxError, wordOf } from '@signalbox/kit';
import { ID, text } from './fields.ts';

/** What only the server that issued it can resolve, by the field or item that names it. */
const REMEMBERED: Readonly<Record<string, string>> = {
  conversation: 'a conversation is stored at its provider',
  prompt: 'a prompt template is stored at its provider',
  compaction: 'a compacted history can be read by its provider only',
  compaction_trigger: 'only its own providers compact a history',
};

/**
 * Why a request cannot be translated: without what a provider remembers the model would see no history.
 * @returns for what OpenAI may not know either, its very error, so that clients send everything.
 */
export function refusesElsewhere({ messages, extensions }: ChatRequest): SignalboxError | undefined {
  const own = extensions?.[ID] ?? {};
  const previous = text(own.previous_response_id);
  if (previous !== undefined) return unknownResponse(previous);
  for (const field of ['conversation', 'prompt']) {
    if (own[field] !== undefined) return stateRefusal(field);
  }
  if (own.background === true) return backgroundRefusal();
  for (const { content } of messages) {
    for (const block of content) {
      if (block.type !== 'opaque' || block.format !== ID) continue;
      const { type, id } = block.value;
      if (type === 'item_reference') return unknownItem(wordOf(id));
      if (typeof type === 'string' && Object.hasOwn(REMEMBERED, type)) return stateRefusal(type, 'input');
    }
  }
  return undefined;
}

/** @throws {SignalboxError} UNSUPPORTED for what is called so by the gateway: no provider knows it, whatever its format. */
export function refuseForgotten({ messages, extensions }: ChatRequest): void {
  const own = extensions?.[ID];
  if (own === undefined) return;
  if (isMadeUpId(own.previous_response_id)) throw unknownResponse(String(own.previous_response_id));
  for (const { content } of messages) {
    for (const block of content) {
      if (block.type !== 'opaque' || block.format !== ID || block.value.type !== 'item_reference') continue;
      if (isMadeUpId(block.value.id)) throw unknownItem(String(block.value.id));
    }
  }
}

/** The error that OpenAI has for a response that it does not know. */
export function unknownResponse(id: string): SignalboxError {
  return refusal(
    `Previous response with id '${id}' not found. The gateway keeps none of this id: send the whole conversation as input.`,
    'previous_response_id',
    'previous_response_not_found',
  );
}

/** An answer that is fetched later would be fetched from the provider, and paid for, without the client. */
export function backgroundRefusal(): SignalboxError {
  return refusal('background: this model answers while the client waits; send the request without it.', 'background');
}

/** The same for an item that is only referred to. */
export function unknownItem(id: string): SignalboxError {
  return refusal(
    `Item with id '${id}' not found. An item_reference can only name what is kept here, and nothing of this id is: send the item itself, as clients do with \`store: false\`.`,
    'input',
  );
}

function stateRefusal(what: string, param: string = what): SignalboxError {
  return refusal(`${what}: ${REMEMBERED[what]}. Send the whole conversation as input.`, param);
}

function refusal(message: string, param: string, code: string | null = null): SignalboxError {
  const body: JsonObject = { error: { message, type: 'invalid_request_error', param, code } };
  return errors.unsupported(message, { wire: { format: ID, status: 400, body } });
}
