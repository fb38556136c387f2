import { responseQuestions } from '@signalbox/format-openai-responses';
import {
  errors,
  type InfoRequest,
  isMadeUpId,
  type JsonObject,
  type PluginHost,
  type SignalboxError,
} from '@signalbox/kit';
import { listItems } from './input-items.ts';
import { ownerOf, responseOf } from './keeper.ts';
import type { Kept, ResponseStore } from './store.ts';

const FORMAT = 'openai-responses';

/** Answers what clients ask about the responses that are kept: each caller about its own. */
export function answerQuestions({ answerInfo }: Pick<PluginHost, 'answerInfo'>, store: ResponseStore): void {
  const about =
    (answer: (response: Kept, request: InfoRequest) => JsonObject) =>
    (request: InfoRequest): JsonObject => {
      const { id = '' } = request.params;
      const response = store.get(ownerOf(request), id);
      if (response === undefined) throw notFound(id);
      return answer(response, request);
    };
  answerInfo(responseQuestions.retrieve, about(retrieved));
  answerInfo(
    responseQuestions.delete,
    about(({ id }, request) => ({ id, object: 'response', deleted: store.delete(ownerOf(request), id) })),
  );
  answerInfo(
    responseQuestions.inputItems,
    about(({ input }, request) => listItems(input, request.query, store, ownerOf(request))),
  );
  answerInfo(
    responseQuestions.cancel,
    about(() => {
      throw errors.invalidRequest('Only a response in the background can be cancelled, and this gateway has none.');
    }),
  );
}

function retrieved(response: Kept, { query }: InfoRequest): JsonObject {
  if (query.stream === 'true') {
    throw errors.invalidRequest('stream: this gateway gives a response out as a whole. Ask without `stream`.');
  }
  return { ...responseOf(response), output: response.output.map(({ text }) => JSON.parse(text) as JsonObject) };
}

/** As OpenAI says it. */
function notFound(id: string): SignalboxError {
  const why = isMadeUpId(id)
    ? 'It was not to be stored, was deleted, is too old, or was given to somebody else.'
    : 'It is none of this gateway’s: what passes through is kept by its provider, and can be asked for there.';
  const message = `Response with id '${id}' not found. ${why}`;
  const body: JsonObject = { error: { message, type: 'invalid_request_error', param: 'id', code: null } };
  return errors.notFound(message, { wire: { format: FORMAT, status: 404, body } });
}
