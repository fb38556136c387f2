import { createHash } from 'node:crypto';
import type { Block, JsonValue, Message, ToolCallBlock } from '@signalbox/kit';
import { thoughtKey } from './thought-key.ts';

/** An answer as it comes back in a history. */
export interface Answer {
  readonly text: string;
  /** What of the reasoning can be read, all of it in one. */
  readonly thought?: string;
  /** With the ids by which the client knows them. */
  readonly calls: readonly Pick<ToolCallBlock, 'id' | 'name' | 'input'>[];
}

/** What an answer is known by: the id of its first call, and what it says. */
export interface AnswerKey {
  /** `undefined` where no tool was called. */
  readonly byId: string | undefined;
  /** Some providers count their calls anew in every answer: such an id may be that of another one. */
  readonly mayRepeat?: boolean;
  /** A hash of its reasoning; `undefined` where nothing of that can be read. */
  readonly thought?: string | undefined;
  /** Made when it is asked for: most answers with calls are found by id. */
  byContents(): string | undefined;
}

/** What nobody would give twice: letters and digits by chance, beside the name of the tool. */
const UNIQUE = /(?=[a-z]{0,24}\d)[a-z\d]{8}/i;
/** So many messages before an answer tell its conversation from others. More would be lost where a client shortens the old ones. */
const MAX_PAST = 4;
/** Of a longer text, the beginning and the length tell enough; the question itself tells the most. */
const QUESTION_CHARS = 1_000;
const PAST_CHARS = 200;

/**
 * The keys of an answer, for the caller who got it. Some clients give calls back without their ids, and an answer
 * without calls has none: those are known by a hash of the answer and of what stands before it, as two conversations may
 * well end with the same word. Texts themselves are not ours to keep.
 * @param at where it stands, or is to stand, in these messages
 */
export function answerKey(
  principal: string,
  { text, calls, thought }: Answer,
  messages: readonly Message[],
  at = messages.length,
): AnswerKey {
  const [first] = calls;
  return {
    byId: first === undefined ? undefined : JSON.stringify([principal, 'call', first.id]),
    mayRepeat: first !== undefined && !UNIQUE.test(first.id.replace(first.name, '')),
    thought: thought === undefined ? undefined : thoughtKey(principal, thought),
    byContents: () => {
      if (text.trim() === '' && first === undefined) return undefined;
      const hash = createHash('sha256').update(saidIn(text, calls));
      let left = MAX_PAST;
      for (let index = at - 1; index >= 0 && left > 0; index--) {
        const message = messages[index] as Message;
        // Clients move reminders about.
        if (message.role === 'system') continue;
        hash.update(`\0\0${beginningOf(message, left === MAX_PAST ? QUESTION_CHARS : PAST_CHARS)}`);
        left--;
      }
      return JSON.stringify([principal, 'said', hash.digest('base64url')]);
    },
  };
}

/** The text of an assistant message, all of it in one. */
export function textIn(content: readonly Block[]): string {
  let text = '';
  for (const block of content) if (block.type === 'text') text += block.text;
  return text;
}

export function callsIn(content: readonly Block[]): ToolCallBlock[] {
  return content.filter((block) => block.type === 'tool-call');
}

function saidIn(text: string, calls: Answer['calls']): string {
  const said = calls.map(({ name, input }) => `\0${name}\0${JSON.stringify(sorted(input))}`);
  return text.trim() + said.join('');
}

function beginningOf({ role, content }: Message, chars: number): string {
  if (role !== 'assistant') return content.map((block) => beginningIn(block, chars)).join('\0');
  const text = textIn(content).trim();
  return [`${text.length} ${text.slice(0, chars)}`, ...callsIn(content).map(({ name }) => name)].join('\0');
}

function beginningIn(block: Block, chars: number): string {
  if (block.type === 'tool-result') return block.content.map((part) => beginningIn(part, chars)).join('\0');
  return block.type === 'text' ? `${block.text.length} ${block.text.slice(0, chars)}` : '';
}

/** What stands deeper makes no difference. */
const MAX_DEPTH = 16;

/** The same arguments in one order of keys: some clients sort them. */
function sorted(value: JsonValue, depth = 0): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  const keys = Object.keys(value).sort();
  return keys.flatMap((key) => [key, sorted(value[key] ?? null, depth + 1)]);
}
