import {
  addAll,
  type Block,
  type ChatReply,
  type ClientContext,
  foldLogProbs,
  type JsonObject,
  type JsonValue,
  ReplyCallIds,
} from '@signalbox/kit';
import { annotationsOfBlock } from './citations.ts';
import { clientTools, toolOfCall } from './client-tools.ts';
import { ID, isObject } from './fields.ts';
import {
  callItem,
  messageItem,
  newCallItemId,
  newItemId,
  opaqueItem,
  REFUSAL,
  refusalPart,
  textPart,
} from './output-items.ts';
import { encodeReasoningItem } from './reasoning-items.ts';
import { ResponseObject, showsNoRefusals, tellKeeper } from './response-object.ts';
import { encodeStop } from './stop-reason.ts';
import { encodeUsage } from './usage.ts';

/** A `response` with a fresh id and the model as the client asked for it. */
export function encodeReply(reply: ChatReply, client: ClientContext): JsonObject {
  const response = new ResponseObject(client);
  response.extend(reply.extensions);
  const { status, incomplete } = statusOf(reply.stopReason, hasText(reply.content), client);
  const output = outputOf(reply, status, client);
  const whole = response.with(status, 'full', {
    incomplete_details: incomplete,
    ...(status === 'completed' ? { completed_at: Math.floor(Date.now() / 1_000) } : {}),
    usage: encodeUsage(reply.usage),
  });
  tellKeeper(client, whole, () => output.map((item) => JSON.stringify(item)));
  return { ...whole, output };
}

/** A refusal without a word is a part of its own; one after some words cuts them off. */
export function statusOf(
  reason: ChatReply['stopReason'],
  said: boolean,
  client: ClientContext,
): ReturnType<typeof encodeStop> {
  if (reason === 'refusal' && (!said || showsNoRefusals(client))) return { status: 'completed', incomplete: null };
  return encodeStop(reason, client.notes);
}

function hasText(content: readonly Block[]): boolean {
  return content.some((block) => block.type === 'text' && block.text !== '');
}

/** The message that says that the model declined, for a reply without a word. */
function refusalItem(client: ClientContext): JsonObject {
  const part = showsNoRefusals(client) ? textPart(REFUSAL, []) : refusalPart(REFUSAL);
  return messageItem(newItemId('msg'), 'completed', [part], undefined);
}

function outputOf(reply: ChatReply, status: string, client: ClientContext): JsonObject[] {
  const { notes } = client;
  const output: JsonObject[] = [];
  const ids = new ReplyCallIds(() => client.request, 'call_');
  const tools = clientTools(client.request);
  let text: OpenText | undefined;
  const closeText = (state: string): void => {
    if (text !== undefined && text.said !== '') output.push(text.item(state));
    text = undefined;
  };
  reply.content.forEach((block, index) => {
    const path = `content[${index}]`;
    if (block.type !== 'text') closeText('completed');
    switch (block.type) {
      case 'text': {
        text ??= new OpenText();
        for (const reason of text.add(block)) notes.add(path, 'dropped', reason);
        if (text.phase !== undefined) closeText('completed');
        break;
      }
      case 'reasoning':
        output.push(encodeReasoningItem(block));
        break;
      case 'tool-call': {
        notes.foreignExtensions(block.extensions, ID, path);
        const tool = toolOfCall(block, tools);
        const raw = block.rawInput ?? JSON.stringify(block.input);
        output.push(callItem(newCallItemId(tool.kind), ids.claim(block.id), tool, raw));
        break;
      }
      case 'opaque': {
        const item = opaqueItem(block);
        if (item === undefined) notes.opaqueBlock(block, path);
        else output.push(item);
        break;
      }
      default:
        notes.add(path, 'dropped', `a ${block.type} block cannot stand in a reply`);
    }
  });
  closeText(status);
  if (reply.stopReason === 'refusal' && !hasText(reply.content)) output.push(refusalItem(client));
  return output;
}

/** Neighbouring texts are one message: providers cut a text wherever a citation ends. */
class OpenText {
  said = '';
  phase: JsonValue | undefined;
  readonly #annotations: JsonValue[] = [];
  readonly #logProbs: JsonValue[] = [];

  /** @returns why some citations cannot be told. */
  add({ text, extensions }: Block & { type: 'text' }): ReadonlySet<string> {
    const start = this.said.length;
    this.said += text;
    const { annotations, untold } = annotationsOfBlock(extensions, start, this.said.length);
    addAll(this.#annotations, annotations);
    addAll(this.#logProbs, foldLogProbs(extensions));
    const deltas = extensions?.[ID]?.deltas;
    for (const delta of Array.isArray(deltas) ? deltas : []) {
      if (isObject(delta) && delta.phase !== undefined) this.phase = delta.phase;
    }
    return untold;
  }

  item(status: string): JsonObject {
    return messageItem(newItemId('msg'), status, [textPart(this.said, this.#annotations, this.#logProbs)], this.phase);
  }
}
