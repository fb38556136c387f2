import { createHash } from 'node:crypto';
import type { Block, JsonValue, Message, ToolCallBlock } from '@signalbox/kit';

/** An answer as it comes back in a history. */
export interface Answer {
  readonly text: string;
  /** With the ids by which the client knows them. */
  readonly calls: readonly Pick<ToolCallBlock, 'id' | 'name' | 'input'>[];
}

/** What an answer is known by: the id of its first call, and what it says. */
export interface AnswerKey {
  /** `undefined` where no tool was called. */
  readonly byId: string | undefined;
  /** Made when it is asked for: most answers with calls are found by id. */
  byContents(): string | undefined;
}

/** Of a longer text, the beginning and the length tell enough. */
const MAX_QUESTION = 1_000;

/**
 * The keys of an answer, for the caller who got it. Some clients give calls back without their ids, and an answer
 * without calls has none: those are known by a hash of the answer and of what stands before it, as two conversations may
 * well end with the same word. Texts themselves are not ours to keep.
 */
export function answerKey(principal: string, { text, calls }: Answer, before: Message | undefined): AnswerKey {
  const [first] = calls;
  return {
    byId: first === undefined ? undefined : JSON.stringify([principal, 'call', first.id]),
    byContents: () => {
      const said = text.trim();
      if (said === '' && first === undefined) return undefined;
      const hash = createHash('sha256').update(said);
      for (const { name, input } of calls) hash.update(`\0${name}\0${JSON.stringify(sorted(input))}`);
      for (const block of before?.content ?? []) hash.update(`\0\0${questionIn(block)}`);
      return JSON.stringify([principal, 'said', hash.digest('base64url')]);
    },
  };
}

function questionIn(block: Block): string {
  if (block.type === 'tool-result') return block.content.map(questionIn).join('\0');
  return block.type === 'text' ? `${block.text.length} ${block.text.slice(0, MAX_QUESTION)}` : '';
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
