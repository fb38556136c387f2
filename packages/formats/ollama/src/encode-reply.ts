import {
  type ChatReply,
  type ClientContext,
  type Extensions,
  foreignCitations,
  type JsonObject,
  ReplyCallIds,
  saysSomething,
} from '@signalbox/kit';
import { argumentsOf } from './call-arguments.ts';
import { ID } from './fields.ts';
import { isGenerate } from './generate.ts';
import { encodeStopReason, noteStop } from './stop-reason.ts';
import { encodeMetrics, noteParts } from './usage.ts';

/** What the client reads where the model gave no words: this wire has no other place for it. */
export const REFUSAL = 'The model declined to answer.';

/** The one object of a reply that does not stream, under the model as the client asked for it. */
export function encodeReply(reply: ChatReply, client: ClientContext): JsonObject {
  client.notes.foreignExtensions(reply.extensions, ID, '');
  noteStop(reply.stopReason, client.notes);
  noteParts(reply.usage, client.notes);
  const message = encodeMessage(reply, client);
  const totalMs = client.elapsedMs?.();
  return {
    model: client.model,
    created_at: new Date().toISOString(),
    ...(isGenerate(client.request) ? encodeResponse(message) : { message }),
    done: true,
    done_reason: encodeStopReason(reply.stopReason, reply.content.length === 0 ? reply.rawStopReason : undefined),
    ...encodeMetrics(reply.usage, totalMs === undefined ? undefined : { totalMs }),
  };
}

function encodeMessage(reply: ChatReply, client: ClientContext): JsonObject {
  const { notes } = client;
  const generate = isGenerate(client.request);
  const texts: string[] = [];
  const reasoning: string[] = [];
  const calls: JsonObject[] = [];
  const ids = new ReplyCallIds(() => client.request, 'call_');
  reply.content.forEach((block, index) => {
    const path = `content[${index}]`;
    switch (block.type) {
      case 'text':
        for (const reason of untoldIn(block.extensions)) notes.add(path, 'dropped', reason);
        if (calls.length > 0) notes.add(path, 'approximated', 'text after a tool call stands before it');
        texts.push(block.text);
        break;
      case 'reasoning':
        if (block.text !== '') reasoning.push(block.text);
        if (saysSomething(block.state)) notes.add(path, 'dropped', STATE_LOST);
        break;
      case 'tool-call': {
        const { value, changed, broken } = argumentsOf(block);
        notes.foreignExtensions(block.extensions, ID, path);
        if (broken === true && encodeStopReason(reply.stopReason) === 'length') {
          notes.add(path, 'dropped', CUT_CALL);
          break;
        }
        if (generate) {
          notes.add(path, 'dropped', PROMPT_CALL);
          break;
        }
        if (changed !== undefined) notes.add(`${path}.input`, 'approximated', changed);
        calls.push(wireCall(ids.claim(block.id), calls.length, block.name, value));
        break;
      }
      case 'opaque':
        notes.opaqueBlock(block, path);
        break;
      default:
        notes.add(path, 'dropped', `a ${block.type} block cannot stand in a reply`);
    }
  });
  const content = texts.join('');
  const refused = content === '' && reply.stopReason === 'refusal';
  return {
    role: 'assistant',
    content: refused ? REFUSAL : content,
    ...(reasoning.length === 0 ? {} : { thinking: reasoning.join('\n\n') }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** The same as the reply to a single prompt. */
function encodeResponse({ content, thinking }: JsonObject): JsonObject {
  return { response: content, ...(thinking === undefined ? {} : { thinking }) };
}

const NO_CITATIONS = 'the client’s format has no citations';
export const STATE_LOST = 'the client’s format has no place for signatures';
export const CUT_CALL = 'a tool call whose arguments were cut';
export const PROMPT_CALL = 'the reply to a single prompt calls no tools';

/** Why something beside a text cannot be told: this wire has neither citations nor anything else there. */
export function untoldIn(extensions: Extensions | undefined): ReadonlySet<string> {
  const { citations, untold } = foreignCitations(extensions, ID);
  return citations.length === 0 ? untold : new Set([NO_CITATIONS, ...untold]);
}

export function wireCall(id: string, index: number, name: string, input: JsonObject): JsonObject {
  return { id, function: { index, name, arguments: input } };
}
