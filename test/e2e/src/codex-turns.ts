import type { JsonObject } from '@signalbox/kit';
import { type RecordedRequest, type Responder, reply, responsesTurn, sse, type Turn } from '@signalbox/testkit';
import type { AgentSide } from './agent-sides.ts';

/** A call of one of Codex's tools, as Codex knows them. */
export interface CodexCall {
  readonly id: string;
  readonly name: string;
  readonly namespace?: string;
  /** An object for a function, a text for a custom tool. */
  readonly input: JsonObject | string;
}

/**
 * A turn that makes one such call, in what the provider knows of it: Responses has namespaces and custom tools, for all
 * others they are functions with flat names, and with free text as the one argument `input`.
 */
export function calls(side: AgentSide, call: CodexCall, rest: Omit<Turn, 'toolCalls'> = {}): Turn | Responder {
  const { id, name, namespace, input } = call;
  const custom = typeof input === 'string';
  if (side.format !== 'openai-responses') {
    const flat = namespace === undefined ? name : `${namespace}__${name}`;
    return { ...rest, toolCalls: [{ id, name: flat, arguments: custom ? { input } : input }] };
  }
  if (!custom && namespace === undefined && name !== 'tool_search') {
    return { ...rest, toolCalls: [{ id, name, arguments: input }] };
  }
  const { frames } = responsesTurn({ ...rest, toolCalls: [{ id, name, arguments: input }] });
  return sse(frames.map((frame) => ownKind(frame, call)));
}

/** A turn that is known only once the request is there. */
export function calledFor(turnFor: (request: RecordedRequest) => Turn | Responder): Responder {
  return (request, wire) => {
    const turn = turnFor(request);
    return (typeof turn === 'function' ? turn : reply(turn))(request, wire);
  };
}

/** A frame of a function call as one of a call of the kind that this one is. */
function ownKind(frame: string, { name, namespace, input }: CodexCall): string {
  const named = `"name":"${name}"`;
  if (namespace !== undefined) frame = frame.replaceAll(named, `${named},"namespace":"${namespace}"`);
  if (typeof input === 'string') {
    return frame
      .replaceAll('function_call_arguments', 'custom_tool_call_input')
      .replaceAll('"type":"function_call"', '"type":"custom_tool_call"')
      .replaceAll('"arguments":', '"input":');
  }
  if (name !== 'tool_search') return frame;
  const text = JSON.stringify(JSON.stringify(input));
  return frame
    .replaceAll('"type":"function_call"', '"type":"tool_search_call","execution":"client"')
    .replaceAll(`"arguments":${text}`, `"arguments":${JSON.stringify(input)}`);
}
