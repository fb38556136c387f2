import type { JsonObject, JsonValue } from '@signalbox/kit';
import type { RecordedRequest, ScriptedProvider } from '@signalbox/testkit';

/** A body of either format, read by tests. */
export interface WireBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly JsonObject[];
  readonly [field: string]: unknown;
}

export interface WireMessage {
  readonly role: string;
  readonly content: string | readonly JsonObject[] | null;
  readonly tool_calls?: readonly { id: string; function: { name: string; arguments: string } }[];
  readonly tool_call_id?: string;
  readonly reasoning_content?: string;
}

/** The bodies of all chat requests that the provider got, in order. */
export function chatBodies(provider: ScriptedProvider): WireBody[] {
  return provider.requests.filter(isChat).map(bodyOf);
}

export function isChat({ method, path }: RecordedRequest): boolean {
  return method === 'POST' && (path.endsWith('/messages') || path.endsWith('/chat/completions'));
}

export function bodyOf(request: RecordedRequest): WireBody {
  if (request.body === undefined) throw new Error(`${request.method} ${request.path} has no JSON body`);
  return request.body as unknown as WireBody;
}

/** The names of the tools, in either format. */
export function toolNames({ tools = [] }: WireBody): string[] {
  return tools.map(({ name, function: fn }) => String(name ?? (fn as JsonObject).name));
}

/** All text of a message, in either format, tool results included. */
export function textOf(content: JsonValue | readonly JsonObject[] | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as readonly JsonObject[])
    .map(({ text, content: inner }) => (typeof text === 'string' ? text : textOf(inner)))
    .join('\n');
}

/** The results of tool calls in the order in which they stand, as id and text. */
export function toolResults({ messages }: WireBody): { id: string; text: string }[] {
  return messages.flatMap(({ role, content, tool_call_id: id }) => {
    if (role === 'tool') return [{ id: String(id), text: textOf(content) }];
    if (!Array.isArray(content)) return [];
    return (content as readonly JsonObject[])
      .filter(({ type }) => type === 'tool_result')
      .map((block) => ({ id: String(block.tool_use_id), text: textOf(block.content) }));
  });
}

/** The ids of tool calls in the order in which they were made. */
export function toolCallIds({ messages }: WireBody): string[] {
  return messages.flatMap(({ content, tool_calls: calls = [] }) => [
    ...calls.map(({ id }) => id),
    ...(Array.isArray(content) ? (content as readonly JsonObject[]) : [])
      .filter(({ type }) => type === 'tool_use')
      .map(({ id }) => String(id)),
  ]);
}
