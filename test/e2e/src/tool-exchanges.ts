import type { JsonObject, JsonValue } from '@signalbox/kit';
import type { RecordedRequest } from '@signalbox/testkit';

/** A tool call in the history of a request, with the result that belongs to it. */
export interface ToolExchange {
  readonly name: string;
  readonly input: JsonValue;
  readonly result: string;
}

/** What a request says of calls and results: some results have no id, but the name of what was called. */
interface Said {
  readonly kind: 'call' | 'result';
  readonly id: JsonValue | undefined;
  readonly name?: JsonValue | undefined;
  readonly value: JsonValue | undefined;
}

/**
 * Every tool call that a request of any of the five formats brings along, in order.
 * @throws {Error} where a call has no result behind it, or a result no call before it
 */
export function toolExchanges({ body = {} }: Pick<RecordedRequest, 'body'>): ToolExchange[] {
  const open: { readonly said: Said; readonly at: number }[] = [];
  const done: ToolExchange[] = [];
  let calls = 0;
  for (const said of sayings(body)) {
    if (said.kind === 'call') {
      open.push({ said, at: calls++ });
      continue;
    }
    const index = open.findIndex((call) => answers(said, call.said));
    const [call] = index === -1 ? [] : open.splice(index, 1);
    if (call === undefined) throw new Error(`the result of ${String(said.id ?? said.name)} belongs to no open call`);
    done[call.at] = { name: String(call.said.name), input: parsed(call.said.value), result: textOf(said.value) };
  }
  if (open.length > 0) throw new Error(`no results for ${open.map(({ said }) => said.id ?? said.name).join(', ')}`);
  return done;
}

function answers({ id, name }: Said, call: Said): boolean {
  return id === undefined ? name === call.name : id === call.id;
}

function sayings(body: JsonObject): Said[] {
  if (body.contents !== undefined) return list(body.contents).flatMap(({ parts }) => list(parts).flatMap(geminiPart));
  if (body.input !== undefined) return list(body.input).flatMap(responsesItem);
  return list(body.messages).flatMap((message) => [
    ...list(message.tool_calls).map(chatCall),
    ...(message.role === 'tool' ? [chatResult(message)] : []),
    ...list(message.content).flatMap(anthropicBlock),
  ]);
}

function chatCall({ id, function: fn }: JsonObject): Said {
  const { name, arguments: value } = object(fn);
  return { kind: 'call', id, name, value };
}

function chatResult({ tool_call_id: id, tool_name: name, content }: JsonObject): Said {
  return { kind: 'result', id, name, value: content };
}

function anthropicBlock({ type, id, name, input, tool_use_id: called, content }: JsonObject): Said[] {
  if (type === 'tool_use') return [{ kind: 'call', id, name, value: input }];
  return type === 'tool_result' ? [{ kind: 'result', id: called, value: content }] : [];
}

function geminiPart({ functionCall, functionResponse }: JsonObject): Said[] {
  if (functionCall !== undefined) {
    const { id, name, args } = object(functionCall);
    return [{ kind: 'call', id, name, value: args }];
  }
  if (functionResponse === undefined) return [];
  const { id, name, response } = object(functionResponse);
  const { output, result, content } = object(response);
  return [{ kind: 'result', id, name, value: output ?? result ?? content ?? response }];
}

function responsesItem({ type, call_id: id, name, arguments: args, input, output, tools }: JsonObject): Said[] {
  const kind = String(type);
  if (kind.endsWith('_output')) return [{ kind: 'result', id, value: output ?? tools }];
  return kind.endsWith('_call') ? [{ kind: 'call', id, name, value: args ?? input }] : [];
}

function parsed(value: JsonValue | undefined): JsonValue {
  if (typeof value !== 'string') return value ?? null;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value;
  }
}

/** All text of a result: a text, a list of parts, or an object as JSON. */
function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return list(value)
      .map((part) => String(part.text ?? ''))
      .join('\n');
  return JSON.stringify(value ?? '');
}

function list(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function object(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
