import {
  addAll,
  type ChatReply,
  type ClientContext,
  foldLogProbs,
  type JsonObject,
  type JsonValue,
  newId,
  ReplyCallIds,
} from '@signalbox/kit';
import { annotationsOf } from './citations.ts';
import { type ClientWishes, clientWishes, customInput } from './client-wishes.ts';
import { ID } from './fields.ts';
import { encodeDetails } from './reasoning-details.ts';
import { encodeExtras } from './reply-extras.ts';
import { encodeStopReason } from './stop-reason.ts';
import { encodeUsage } from './usage.ts';

/** Why a call of a legacy client is lost. */
export const ONE_CALL = 'a client that sends "functions" knows one call only';

/** What `refusal` says where the provider gave no words: OpenAI's clients look there. */
export const REFUSAL = 'The model declined to answer.';

/** A `chat.completion` with one choice, a fresh id and the model as the client asked for it. */
export function encodeReply(reply: ChatReply, client: ClientContext): JsonObject {
  const wishes = clientWishes(client);
  const message = encodeMessage(reply, client, wishes);
  const usage = encodeUsage(reply.usage);
  client.notes.foreignExtensions(reply.extensions, ID, '');
  const extras = encodeExtras(reply.extensions);
  const logProbs = reply.content.flatMap((block) => (block.type === 'text' ? foldLogProbs(block.extensions) : []));
  return {
    ...extras.body,
    id: newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model: client.model,
    choices: [
      {
        ...extras.choice,
        index: 0,
        message,
        logprobs: logProbs.length === 0 ? null : { content: logProbs, refusal: null },
        finish_reason:
          message.function_call === undefined ? encodeStopReason(reply.stopReason, client.notes) : 'function_call',
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
}

function encodeMessage(reply: ChatReply, client: ClientContext, wishes: ClientWishes): JsonObject {
  const { notes } = client;
  const texts: string[] = [];
  const reasoning: string[] = [];
  const details: JsonValue[] = [];
  const annotations: JsonValue[] = [];
  const calls: JsonObject[] = [];
  let reasoningBlocks = 0;
  let textLength = 0;
  const ids = new ReplyCallIds(() => client.request, 'call_');
  reply.content.forEach((block, index) => {
    const path = `content[${index}]`;
    switch (block.type) {
      case 'text': {
        texts.push(block.text);
        const start = textLength;
        textLength += block.text.length;
        const cited = annotationsOf(block.extensions, start, textLength);
        addAll(annotations, cited.annotations);
        for (const reason of cited.untold) notes.add(path, 'dropped', reason);
        if (calls.length > 0) notes.add(path, 'approximated', 'text after a tool call stands before it');
        break;
      }
      case 'reasoning':
        if (block.text !== '') reasoning.push(block.text);
        addAll(details, encodeDetails(block, reasoningBlocks++));
        break;
      case 'tool-call':
        notes.foreignExtensions(block.extensions, ID, path);
        if (wishes.legacyFunctions && calls.length > 0) notes.add(path, 'dropped', ONE_CALL);
        calls.push(
          encodeReplyCall(ids.claim(block.id), block.name, block.rawInput ?? JSON.stringify(block.input), wishes),
        );
        break;
      case 'opaque':
        notes.opaqueBlock(block, path);
        break;
      default:
        notes.add(path, 'dropped', `a ${block.type} block cannot stand in a reply`);
    }
  });
  const content = texts.join('');
  const legacy = wishes.legacyFunctions ? calls[0] : undefined;
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    refusal: reply.stopReason === 'refusal' && content === '' ? REFUSAL : null,
    ...(reasoning.length === 0 ? {} : { reasoning_content: reasoning.join('\n\n') }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(calls.length === 0 ? {} : legacy === undefined ? { tool_calls: calls } : { function_call: legacy.function }),
  };
}

/** A whole tool call as the client asked for it: custom where its tool is. */
export function encodeReplyCall(id: string, name: string, rawInput: string, wishes: ClientWishes): JsonObject {
  if (wishes.customTools.has(name)) return { id, type: 'custom', custom: { name, input: customInput(rawInput) } };
  return { id, type: 'function', function: { name, arguments: rawInput.trim() === '' ? '{}' : rawInput } };
}
