import { addAll, type ChatRequest, type JsonObject, type Message } from '@signalbox/kit';
import { encodeAssistant, type OpenCall } from './encode-assistant.ts';
import { encodeParts } from './encode-parts.ts';
import { encodeResults } from './encode-results.ts';
import type { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import { NO_SIGNATURE } from './thought-signature.ts';

interface Content {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
}

/**
 * The turns of the wire: a user's first, never two of one role in a row, and behind every turn with calls one that begins
 * with exactly their results.
 * @param leading parts that stand before everything, for models without a system instruction.
 */
export function encodeContents(request: ChatRequest, leading: readonly JsonObject[], encoding: Encoding): JsonObject[] {
  const contents: Content[] = [];
  const push = (role: Content['role'], parts: readonly JsonObject[]): void => {
    if (parts.length === 0) return;
    const last = contents.at(-1);
    if (last?.role === role) addAll(last.parts, parts);
    else contents.push({ role, parts: [...parts] });
  };
  push('user', leading);
  const { messages } = request;
  let index = 0;
  while (index < messages.length) {
    let calls: readonly OpenCall[] = [];
    const message = messages[index] as Message;
    if (message.role === 'assistant') {
      const encoded = encodeAssistant(message, index, encoding);
      calls = encoded.calls;
      push('model', encoded.parts);
      index++;
    }
    const first = index;
    while (index < messages.length && messages[index]?.role !== 'assistant') index++;
    const results = encodeResults(messages, first, index, calls, encoding);
    push('user', results.parts);
    push('user', results.behind);
    for (let at = first; at < index; at++) push('user', encodeUser(messages[at] as Message, at, encoding));
  }
  startWithUser(contents, encoding);
  if (messages.at(-1)?.role !== 'assistant') endWithUser(contents, `messages[${messages.length - 1}]`, encoding);
  finishPrefill(contents, `messages[${messages.length - 1}]`, encoding);
  if (encoding.traits.needsSignatures && !encoding.trustsClient) replaceMissingSignatures(contents, encoding);
  return contents.map(({ role, parts }) => ({ role, parts }));
}

function encodeUser(message: Message, index: number, encoding: Encoding): JsonObject[] {
  const path = `messages[${index}].content`;
  encoding.target.notes.foreignExtensions(message.extensions, ID, `messages[${index}]`);
  const parts = message.content.flatMap((block, at) =>
    block.type === 'tool-result' ? [] : encodeParts([block], path, encoding, at),
  );
  if (message.role === 'user' || parts.length === 0) return parts;
  encoding.noteOnce(
    `messages[${index}]`,
    'approximated',
    'a system message inside the conversation is user text in <system-reminder>',
  );
  const said = parts.map((part) => String(part.text ?? '')).join('\n\n');
  return [{ text: `<system-reminder>\n${said}\n</system-reminder>` }];
}

function startWithUser(contents: Content[], { target }: Encoding): void {
  if (contents[0]?.role === 'user') return;
  target.notes.add('messages', 'approximated', 'a conversation starts with the user: "." was put in front');
  contents.unshift({ role: 'user', parts: [{ text: '.' }] });
}

/** A last message without content is no reason to go on with the model's own. */
function endWithUser(contents: Content[], path: string, { target }: Encoding): void {
  if (contents.at(-1)?.role !== 'model') return;
  target.notes.add(path, 'approximated', 'an empty message cannot be said here: "." stands in its place');
  contents.push({ role: 'user', parts: [{ text: '.' }] });
}

/** A last model turn is continued, where the model does that. */
function finishPrefill(contents: Content[], path: string, { target, traits, trustsClient }: Encoding): void {
  if (contents.at(-1)?.role !== 'model' || traits.prefill || trustsClient) return;
  target.notes.add(path, 'approximated', 'a last assistant message is continued by asking for it');
  const text =
    'Continue your last message from exactly where it ends. Do not repeat any of it and do not comment on it.';
  contents.push({ role: 'user', parts: [{ text }] });
}

/**
 * The first call of every step since the user last spoke must be signed. Where its signature is not to be had (the step is
 * another provider's, or its client lost it), what Google documents for that case stands in its place.
 */
function replaceMissingSignatures(contents: readonly Content[], encoding: Encoding): void {
  for (let index = contents.length - 1; index >= 0; index--) {
    const { role, parts } = contents[index] as Content;
    if (role === 'user') {
      if (!parts.some((part) => part.functionResponse !== undefined)) return;
      continue;
    }
    const call = parts.find((part) => part.functionCall !== undefined);
    if (call === undefined || call.thoughtSignature !== undefined) continue;
    call.thoughtSignature = NO_SIGNATURE;
    encoding.noteOnce(
      'messages',
      'approximated',
      'a tool call whose thought signature is not known is marked as such: the model goes on without its thoughts',
    );
  }
}
