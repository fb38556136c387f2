import {
  type Block,
  type ChatReply,
  errors,
  type JsonObject,
  type JsonValue,
  type Notes,
  newId,
  type ReplyInspection,
  SignalboxError,
  type TargetContext,
} from '@signalbox/kit';
import { decodeErrorBody } from './errors.ts';
import { isUnsaid, text } from './fields.ts';
import { noteLosses, partsOf, readCall } from './reply-parts.ts';
import { decodeEnding, type Ending } from './stop-reason.ts';
import { decodeUsage } from './usage.ts';

/** Says whose reasoning it is: there are no signatures. */
export const NO_STATE: JsonValue = Object.freeze({});

/**
 * The canonical reply of a whole answer.
 * @throws {SignalboxError} MALFORMED_REPLY, CUT_STREAM, EMPTY_REPLY, or what an error inside a 200 says.
 */
export function decodeReply(body: JsonObject, target: TargetContext): ChatReply {
  const ending = endingOf(body, target.notes);
  if (SignalboxError.is(ending)) throw ending;
  const { thinking, content, calls } = partsOf(body) ?? { thinking: '', content: '', calls: [] };
  noteLosses(body, target.notes);
  const ids = new CallIds();
  const blocks: Block[] = [];
  if (thinking !== '') {
    blocks.push({ type: 'reasoning', text: thinking, state: { origin: target.reasoningOrigin, data: NO_STATE } });
  }
  if (content !== '') blocks.push({ type: 'text', text: content });
  for (const call of calls) {
    const { id, name, input } = readCall(call);
    blocks.push({ type: 'tool-call', id: ids.claim(id), name: target.toolNames.original(name), input });
  }
  const model = text(body.model);
  const usage = decodeUsage(body);
  return {
    ...(model === undefined ? {} : { model }),
    content: blocks,
    ...ending,
    ...(usage === undefined ? {} : { usage }),
  };
}

/** Usage and failure of a whole reply that passes through. */
export function inspectReply(body: JsonObject): ReplyInspection {
  const ending = endingOf(body);
  return { usage: decodeUsage(body), error: SignalboxError.is(ending) ? ending : undefined };
}

function endingOf(body: JsonObject, notes?: Notes): Ending | SignalboxError {
  if (!isUnsaid(body.error)) return decodeErrorBody(200, {}, body);
  const parts = partsOf(body);
  if (parts === undefined) return errors.malformedReply('The provider answered without a message.');
  if (body.done !== true) return errors.cutStream('The provider broke off before the reply was finished.');
  const toolCalls = parts.calls.length > 0;
  const content = toolCalls || parts.content.trim() !== '' || parts.thinking !== '';
  return decodeEnding(body, { toolCalls, content }, notes);
}

/** The ids of one reply's calls: the provider's own where it gives one that is new. */
export class CallIds {
  readonly #seen = new Set<string>();

  claim(id: string | undefined): string {
    if (id === undefined || this.#seen.has(id)) return newId('call_');
    this.#seen.add(id);
    return id;
  }
}
