import { addAll, type ChatRequest, type JsonObject, type Message } from '@signalbox/kit';
import { encodeContent } from './encode-blocks.ts';
import { type EncodeContext, encodeExtras } from './encode-context.ts';
import { pairToolResults } from './pair-tool-results.ts';

/** A message on its way to the wire. `path` is where it was in the canonical request. */
export interface Draft {
  readonly role: Message['role'];
  readonly path: string;
  readonly content: JsonObject[];
  readonly extensions: Message['extensions'];
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The message list in an order that Anthropic accepts: starting with the user, every call answered right after it,
 * system messages where they are legal, no blank text. What an Anthropic client sent in good order stays as it is.
 */
export function encodeMessages(
  messages: ChatRequest['messages'],
  first: number,
  thinks: boolean,
  context: EncodeContext,
): JsonObject[] {
  const drafts: Draft[] = [];
  for (let index = first; index < messages.length; index++) {
    const message = messages[index] as Message;
    const path = `messages[${index}]`;
    const draft =
      message.role === 'system' && !systemIsLegal(messages, index, context)
        ? inlineSystem(message, path, context)
        : encodeMessage(message, path, context);
    if (draft.content.length > 0) drafts.push(draft);
    else context.notes.add(path, 'dropped', 'the message holds nothing that can be sent');
  }
  startWithUser(drafts, context);
  const paired = pairToolResults(drafts, context);
  finishPrefill(paired, thinks, context);
  const merged = context.ownClient && context.capabilities.mergesRoles ? paired : mergeRoles(paired);
  return merged.map((draft) => {
    const { role, content } = draft;
    const wire: JsonObject = { role, content: role === 'system' ? systemContent(content) : content };
    encodeExtras(wire, draft.extensions, NONE, draft.path, context);
    return wire;
  });
}

function encodeMessage({ role, content, extensions }: Message, path: string, context: EncodeContext): Draft {
  return { role, path, content: encodeContent(content, role, `${path}.content`, context), extensions };
}

/** After a user turn or a server tool's result, before an assistant turn or at the end. Those at the start are hoisted. */
function systemIsLegal(messages: ChatRequest['messages'], index: number, { capabilities }: EncodeContext): boolean {
  if (!capabilities.midConversationSystem) return false;
  let before = index - 1;
  while (messages[before]?.role === 'system') before--;
  let after = index + 1;
  while (messages[after]?.role === 'system') after++;
  const previous = messages[before];
  if (previous?.role === 'assistant') {
    if (previous.content.at(-1)?.type !== 'opaque' || previous.content.some(({ type }) => type === 'tool-call'))
      return false;
  }
  return messages[after]?.role !== 'user';
}

function inlineSystem(message: Message, path: string, context: EncodeContext): Draft {
  context.notes.add(path, 'approximated', 'a system message cannot stand here: sent as a reminder in a user message');
  const content = encodeContent(message.content, 'system', `${path}.content`, context);
  for (const block of content) {
    if (block.type === 'text') block.text = `<system-reminder>\n${String(block.text)}\n</system-reminder>`;
  }
  return { role: 'user', path, content, extensions: message.extensions };
}

function systemContent(content: JsonObject[]): JsonObject[] | string {
  const [only] = content;
  const plain = content.length === 1 && only !== undefined && Object.keys(only).length === 2;
  return plain && typeof only.text === 'string' ? only.text : content;
}

function startWithUser(drafts: Draft[], { notes }: EncodeContext): void {
  if (drafts[0]?.role === 'user') return;
  notes.add('messages', 'approximated', 'a conversation starts with the user: "." was put in front');
  drafts.unshift({ role: 'user', path: 'messages', content: [{ type: 'text', text: '.' }], extensions: undefined });
}

/** A trailing assistant text is a prefill: no blanks at its end, and only where the model continues one. */
function finishPrefill(drafts: Draft[], thinks: boolean, { capabilities, notes }: EncodeContext): void {
  const last = drafts.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || block?.type !== 'text' || typeof block.text !== 'string') return;
  const trimmed = block.text.trimEnd();
  if (trimmed !== block.text) {
    notes.add(last.path, 'approximated', 'blanks at the end of a prefill are refused');
    last.content[last.content.length - 1] = { ...block, text: trimmed };
  }
  if (capabilities.prefill && !thinks) return;
  notes.add(last.path, 'approximated', 'this model cannot continue a message: a user message asks it to go on');
  const content: JsonObject[] = [{ type: 'text', text: 'Continue.' }];
  drafts.push({ role: 'user', path: last.path, content, extensions: undefined });
}

function mergeRoles(drafts: readonly Draft[]): Draft[] {
  const merged: Draft[] = [];
  for (const draft of drafts) {
    const last = merged.at(-1);
    if (last?.role === draft.role) addAll(last.content, draft.content);
    else merged.push({ ...draft, content: [...draft.content] });
  }
  return merged;
}
