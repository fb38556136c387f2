import {
  addAll,
  type ChatReply,
  type ClientContext,
  type JsonObject,
  newId,
  ReplyCallIds,
  type ToolCallBlock,
} from '@signalbox/kit';
import { clientWishes } from './client-wishes.ts';
import { ID, isObject } from './fields.ts';
import { citationsIn, groundingOf } from './grounding.ts';
import { ReasoningParts } from './reasoning-parts.ts';
import { splitExtras } from './reply-extras.ts';
import { CUT, encodeStopReason } from './stop-reason.ts';
import { encodeUsage, noteUntold } from './usage.ts';

/** A `GenerateContentResponse` with one candidate, a fresh id and the model as the client asked for it. */
export function encodeReply(reply: ChatReply, client: ClientContext): JsonObject {
  const { stopReason, rawStopReason, usage, extensions } = reply;
  client.notes.foreignExtensions(extensions, ID, '');
  const extras = splitExtras(extensions?.[ID]);
  const { parts, grounding } = encodeParts(reply, client);
  const usageMetadata = encodeUsage(usage);
  noteUntold(usage, client.notes);
  return {
    ...extras.body,
    candidates: [
      {
        ...extras.candidate,
        content: { parts, role: 'model' },
        finishReason: encodeStopReason(stopReason, rawStopReason, client.notes),
        index: 0,
        ...(grounding === undefined ? {} : { groundingMetadata: grounding }),
      },
    ],
    ...(usageMetadata === undefined ? {} : { usageMetadata }),
    modelVersion: client.model,
    responseId: newId(''),
  };
}

function encodeParts({ content, stopReason }: ChatReply, client: ClientContext) {
  const { notes } = client;
  const parts: JsonObject[] = [];
  const reasoning = new ReasoningParts(clientWishes(client).thoughts);
  const ids = new ReplyCallIds(() => client.request, 'call_');
  const citations: ReturnType<typeof citationsIn>['citations'][number][] = [];
  let answer = '';
  content.forEach((block, index) => {
    const path = `content[${index}]`;
    switch (block.type) {
      case 'text': {
        const cited = citationsIn(block.extensions, answer.length, block.text.length);
        addAll(citations, cited.citations);
        for (const reason of cited.untold) notes.add(path, 'dropped', reason);
        answer += block.text;
        if (block.text !== '') parts.push(reasoning.signed({ text: block.text }));
        break;
      }
      case 'reasoning': {
        const thought = reasoning.thought(block.text);
        if (thought !== undefined) parts.push(thought);
        addAll(parts, reasoning.state(block, thought));
        break;
      }
      case 'tool-call': {
        notes.foreignExtensions(block.extensions, ID, path);
        if (CUT.has(stopReason) && isBroken(block)) {
          notes.add(path, 'dropped', CUT_CALL);
          break;
        }
        const args = argumentsOf(block.input, block.rawInput, () =>
          notes.add(`${path}.input`, 'approximated', 'the arguments are no JSON object: given under another name'),
        );
        const call = { id: ids.claim(block.id), name: block.name, args };
        parts.push(reasoning.signed({ functionCall: call }, block.id));
        break;
      }
      case 'opaque':
        if (block.format === ID) parts.push(...reasoning.flush(), block.value);
        else notes.opaqueBlock(block, path);
        break;
      default:
        notes.add(path, 'dropped', `a ${block.type} block cannot stand in a reply`);
    }
  });
  addAll(parts, reasoning.flush());
  return { parts, grounding: groundingOf(citations, answer) };
}

/** Arguments are an object on this wire; `odd` is told where they were none. */
export function argumentsOf(input: JsonObject[string], rawInput: string | undefined, odd: () => void): JsonObject {
  if (isObject(input)) {
    if (rawInput === undefined || !isBroken({ input, rawInput })) return input;
    odd();
    return { _raw: rawInput };
  }
  if (input === null || input === undefined) return {};
  odd();
  return { value: input };
}

export const CUT_CALL = 'a tool call whose arguments were cut';

/** Whether the text of the arguments is no JSON: then the input is empty, and it is not. */
export function isBroken({ input, rawInput }: Pick<ToolCallBlock, 'input' | 'rawInput'>): boolean {
  if (rawInput === undefined || !isObject(input) || Object.keys(input).length > 0) return false;
  return !/^\s*(?:\{\s*\})?\s*$/.test(rawInput);
}
