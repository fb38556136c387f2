import {
  type ChatReply,
  type EventWatcher,
  type JsonObject,
  type JsonValue,
  parseJson,
  type ToolCallBlock,
} from '@signalbox/kit';
import type { CallNotes } from './call-notes.ts';

/** In characters. Longer arguments are not checked. */
const MAX_ARGUMENTS = 2_000_000;

interface OpenCall {
  readonly schema: JsonObject;
  json: string;
}

/** Reads along in a stream. Arguments are put together only for a call whose tool has a schema. */
export function watchCalls(notes: CallNotes): EventWatcher {
  let open: OpenCall | undefined;
  return (event) => {
    switch (event.type) {
      case 'block-start': {
        notes.goOn();
        if (event.block.type !== 'tool-call') return;
        const schema = notes.call(event.block.name, event.index);
        open = schema === undefined ? undefined : { schema, json: '' };
        return;
      }
      case 'tool-input-delta':
        if (open === undefined) return;
        open.json += event.json;
        if (open.json.length > MAX_ARGUMENTS) open = undefined;
        return;
      case 'block-end':
        if (open !== undefined) notes.judge(parsed(open.json), open.schema, event.index);
        open = undefined;
        return;
      case 'message-end':
        notes.end(event.stopReason);
    }
  };
}

/** The same for a reply that is there as a whole, whose arguments are parsed already. */
export function checkMessage({ content, stopReason }: ChatReply, notes: CallNotes): void {
  content.forEach((block, index) => {
    notes.goOn();
    if (block.type !== 'tool-call') return;
    const schema = notes.call(block.name, index);
    if (schema !== undefined && (block.rawInput?.length ?? 0) <= MAX_ARGUMENTS) {
      notes.judge(inputOf(block), schema, index);
    }
  });
  notes.end(stopReason);
}

/** The input; `undefined` where it stands for a text that does not parse. */
function inputOf({ input, rawInput }: ToolCallBlock): JsonValue | undefined {
  const isEmpty = typeof input === 'object' && input !== null && Object.keys(input).length === 0;
  return isEmpty && rawInput !== undefined ? parsed(rawInput) : input;
}

/** `undefined` for what is no JSON; no arguments at all are an empty object. */
function parsed(json: string): JsonValue | undefined {
  if (json.trim() === '') return {};
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
