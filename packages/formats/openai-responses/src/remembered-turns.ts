import type { Block, ChatRequest, Extensions, JsonObject, Message, TextBlock, Tool } from '@signalbox/kit';
import { clientTools } from './client-tools.ts';
import type { ToolItem } from './decode-input.ts';
import { ID, isObject, text } from './fields.ts';
import { hintOf } from './item-hint.ts';

/**
 * What one response adds to a conversation: the items of its input and what was answered. Plain JSON, for whoever keeps
 * responses in a server's place.
 */
export interface RememberedTurn {
  /** System and developer messages before the first turn; `instructions` count for their own request only. */
  readonly system: readonly TextBlock[];
  readonly messages: readonly Message[];
  /** Tools that came inside the input. */
  readonly tools: readonly Tool[];
  readonly toolItems: readonly ToolItem[];
}

/** The response that a request goes on from; `undefined`: it begins anew. */
export function previousResponseOf({ extensions }: ChatRequest): string | undefined {
  return text(extensions?.[ID]?.previous_response_id);
}

/** Whether the response may be kept: unless the client says no, as at OpenAI. */
export function mayBeStored({ extensions }: ChatRequest): boolean {
  const asked = extensions?.[ID]?.$echo;
  return !isObject(asked) || asked.store !== false;
}

/** A request and its answer. Calls must have the ids by which the client knows them. */
export function rememberTurn(request: ChatRequest, content: readonly Block[]): RememberedTurn {
  const input = inputOf(request);
  if (content.length === 0) return input;
  const tools = clientTools(request);
  const answer: Message = {
    role: 'assistant',
    content: content.map((block) => {
      if (block.type === 'tool-call') return withOwn(block, '$tool', tools.get(block.name));
      return block.type === 'text' ? withOwn(block, 'phase', phaseOf(block)) : block;
    }),
  };
  return { ...input, messages: [...input.messages, answer] };
}

/** The request with everything in front that it goes on from, the oldest first. It no longer names a response. */
export function withRemembered(request: ChatRequest, turns: readonly RememberedTurn[]): ChatRequest {
  const { previous_response_id: _previous, $toolItems: _items, ...rest } = request.extensions?.[ID] ?? {};
  const last = inputOf(request);
  const [first = last, ...later] = turns.length === 0 ? [] : [...turns, last];
  const own = first.toolItems.length === 0 ? rest : { ...rest, $toolItems: [...first.toolItems] };
  return {
    ...request,
    system: [...request.system.filter(isInstructions), ...first.system],
    messages: [...first.messages, ...later.flatMap((turn) => [...leadingMessages(turn), ...turn.messages])],
    tools: withTools(request.tools, turns),
    extensions: { ...request.extensions, [ID]: own },
  };
}

function inputOf({ system, messages, tools, extensions }: ChatRequest): RememberedTurn {
  const items = extensions?.[ID]?.$toolItems;
  return {
    system: system.filter((block) => !isInstructions(block)),
    messages,
    tools: tools.filter(isInside),
    toolItems: Array.isArray(items) ? (items as ToolItem[]) : [],
  };
}

function isInstructions({ extensions }: TextBlock): boolean {
  return extensions?.[ID]?.$instructions === true;
}

function isInside(tool: Tool): boolean {
  return (tool.type === 'opaque' ? tool.value : tool.extensions?.[ID])?.$inside === true;
}

/** What began the input of a later turn stands in the middle of the conversation. */
function leadingMessages({ system, toolItems }: RememberedTurn): Message[] {
  const messages: { role: 'system'; content: TextBlock[]; extensions?: Extensions }[] = [];
  for (const block of system) {
    const open = hintOf(block) === undefined ? messages.at(-1) : undefined;
    if (open === undefined) messages.push({ role: 'system', content: [block] });
    else open.content.push(block);
  }
  for (const { item } of toolItems) {
    messages.push({ role: 'system', content: [], extensions: { [ID]: { $toolItem: item } } });
  }
  return messages;
}

/** The request's own tools count first. */
function withTools(tools: readonly Tool[], turns: readonly RememberedTurn[]): readonly Tool[] {
  const all = [...tools];
  const names = new Set(tools.map(({ name }) => name));
  for (const tool of turns.flatMap(({ tools: inside }) => inside)) {
    if (names.has(tool.name)) continue;
    names.add(tool.name);
    all.push(tool);
  }
  return all;
}

function withOwn<B extends Exclude<Block, { type: 'opaque' }>>(
  block: B,
  key: string,
  value: JsonObject[string] | undefined,
): B {
  if (value === undefined) return block;
  return { ...block, extensions: { ...block.extensions, [ID]: { ...block.extensions?.[ID], [key]: value } } };
}

/** A reply tells it at the end of its text, a history at the beginning. */
function phaseOf({ extensions }: TextBlock): string | undefined {
  const deltas = extensions?.[ID]?.deltas;
  for (const delta of Array.isArray(deltas) ? deltas : []) {
    if (isObject(delta) && typeof delta.phase === 'string') return delta.phase;
  }
  return undefined;
}
