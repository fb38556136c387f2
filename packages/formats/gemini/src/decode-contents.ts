import {
  type Block,
  errors,
  type JsonObject,
  type JsonValue,
  type Message,
  OpenCalls,
  type ReasoningBlock,
  type TextBlock,
} from '@signalbox/kit';
import { decodePart, decodeResponse, MADE_ID, type NamedResult, responsePart } from './decode-parts.ts';
import { isAbsent, needArray, needObject, needString, text } from './fields.ts';
import { GEMINI_ORIGIN, signatureOf } from './thought-signature.ts';

/**
 * The conversation of `contents`. Neighbours of one role are one message: chats that were streamed keep a content for every
 * chunk. Calls without an id get one that is made of their place, so that the same history always gives the same.
 * @throws {SignalboxError} INVALID_REQUEST that names the field.
 */
export function decodeContents(value: JsonValue | undefined): Message[] {
  const contents = isAbsent(value) ? [] : needArray(value, 'contents');
  if (contents.length === 0) throw errors.invalidRequest('contents: must hold at least one content.');
  const messages: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  let calls = new OpenCalls();
  contents.forEach((entry, index) => {
    const path = `contents[${index}]`;
    const content = needObject(entry, path);
    const role = roleOf(content, path);
    const parts = isAbsent(content.parts) ? [] : needArray(content.parts, `${path}.parts`);
    let message = messages.at(-1);
    if (message?.role !== role) {
      message = { role, content: [] };
      messages.push(message);
      if (role === 'assistant') calls = new OpenCalls();
    }
    const into = message.content;
    parts.forEach((part, at) => {
      const response = responsePart(part);
      if (response !== undefined) {
        into.push(answered(decodeResponse(response, `${path}.parts[${at}]`), calls));
        return;
      }
      for (const block of decodePart(part, `${path}.parts[${at}]`, `${MADE_ID}${index}_${at}`)) {
        if (block.type === 'tool-call') calls.add(block);
        append(into, block);
      }
    });
  });
  return messages.filter(({ content }) => content.length > 0);
}

function roleOf({ role }: JsonObject, path: string): 'user' | 'assistant' {
  if (isAbsent(role) || role === 'user' || role === 'function') return 'user';
  if (role === 'model') return 'assistant';
  throw errors.invalidRequest(`${path}.role: must be "user" or "model", not ${JSON.stringify(role)}.`);
}

/** A result without an id answers the first call of its name that has no answer yet. */
function answered({ name, hasId, block }: NamedResult, calls: OpenCalls): Block {
  const call = hasId ? calls.take(block.callId) : (calls.takeNamed(name) ?? calls.takeFirst());
  if (call === undefined) return hasId ? block : { ...block, callId: `${MADE_ID}${name}` };
  return hasId ? block : { ...block, callId: call.id };
}

/**
 * Thoughts that came in pieces are one; the signature of a call joins the thought right before it; and a thought that was
 * shown beside its packed block is that block.
 */
function append(content: Block[], block: Block): void {
  const last = content.at(-1);
  if (block.type !== 'reasoning' || last?.type !== 'reasoning' || !isBare(last)) {
    content.push(block);
  } else if (isBare(block)) {
    content[content.length - 1] = { ...block, text: last.text + block.text };
  } else if (block.text === last.text || (block.text === '' && isForCall(block))) {
    content[content.length - 1] = { ...block, text: last.text };
  } else {
    content.push(block);
  }
}

/** A thought as Gemini's clients are shown it, without a signature of its own. */
function isBare({ state }: ReasoningBlock): boolean {
  const own = signatureOf(state, GEMINI_ORIGIN);
  return own !== undefined && own.signature === undefined;
}

function isForCall({ state }: ReasoningBlock): boolean {
  return signatureOf(state, GEMINI_ORIGIN)?.part === 'call';
}

/** `systemInstruction`: a content, or just its text. @throws {SignalboxError} INVALID_REQUEST for anything but text. */
export function decodeSystem(value: JsonValue | undefined): TextBlock[] {
  if (isAbsent(value)) return [];
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }];
  const content = needObject(value, 'systemInstruction');
  const parts = isAbsent(content.parts) ? [] : content.parts;
  const list = Array.isArray(parts) ? parts : [parts];
  return list.flatMap((part, index): TextBlock[] => {
    const path = `systemInstruction.parts[${index}]`;
    const said = needString(needObject(part, path).text, `${path}.text`);
    return text(said) === undefined ? [] : [{ type: 'text', text: said }];
  });
}
