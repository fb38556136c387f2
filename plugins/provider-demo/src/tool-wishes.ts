import { type ChatRequest, type FunctionTool, type JsonValue, newId, type ToolCallBlock } from '@signalbox/kit';
import { jsonAt } from './json-at.ts';
import { schemaExample } from './schema-example.ts';

const ASKS = /\/tool\b|\b(?:use|call|run|invoke)\b/i;
const QUOTED = /`([^`\n]+)`|"([^"\n]+)"|“([^“”\n]+)”/g;
/** Wishes stand at the start; the rest of a pasted file is not searched for them. */
const MAX_SEARCHED_CHARS = 10_000;
/** Harmless where the client runs the call for real. */
const SAFE_STRINGS: readonly [RegExp, string][] = [
  [/command|script/i, 'echo "Hello from the Signalbox demo provider"'],
  [/path|file/i, 'signalbox-demo.txt'],
  [/url|uri/i, 'https://example.com'],
  [/pattern|regex/i, 'signalbox'],
  [/query|search/i, 'Signalbox'],
];

/**
 * The tool calls that a prompt asks for: `/tool Read {"file_path":"a.txt"}`, `use the tool Read`, `call Read and Grep`.
 * Arguments are the JSON after the name, else made from the tool's schema, with what the prompt has in quotes.
 * The request's tool choice is obeyed: a forced tool is called unasked, and `none` calls none.
 */
export function wantedCalls(prompt: string, request: ChatRequest): ToolCallBlock[] {
  const text = prompt.slice(0, MAX_SEARCHED_CHARS);
  const { toolChoice } = request;
  if (toolChoice?.type === 'none') return [];
  let tools = request.tools.filter((tool) => tool.type === 'function');
  if (toolChoice?.type === 'tool') tools = tools.filter(({ name }) => name === toolChoice.name);
  if (toolChoice?.type === 'allowed') tools = tools.filter(({ name }) => toolChoice.names.includes(name));
  const calls = mentions(text, tools).map(({ tool, input }) => toCall(tool, input ?? inputFor(tool, text)));
  const forced = toolChoice?.type === 'tool' || toolChoice?.type === 'required' || isRequired(toolChoice);
  const [first] = tools;
  if (calls.length === 0 && forced && first !== undefined) calls.push(toCall(first, inputFor(first, text)));
  return request.parallelToolCalls === false ? calls.slice(0, 1) : calls;
}

function isRequired(choice: ChatRequest['toolChoice']): boolean {
  return choice?.type === 'allowed' && choice.mode === 'required';
}

interface Mention {
  readonly tool: FunctionTool;
  readonly input: JsonValue | undefined;
}

/** Names as whole words, after the first word that asks for something; JSON arguments are stepped over. */
function mentions(text: string, tools: readonly FunctionTool[]): Mention[] {
  const asked = ASKS.exec(text);
  if (asked === null || tools.length === 0) return [];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const found: Mention[] = [];
  const word = /[A-Za-z0-9_.-]+/g;
  word.lastIndex = asked.index + asked[0].length;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    const tool = byName.get(match[0]) ?? byName.get(match[0].replace(/[.-]+$/, ''));
    if (tool === undefined) continue;
    const given = jsonAt(
      text,
      /^[`"'\s]*(?:with|tool|using|:)*\s*/i.exec(text.slice(word.lastIndex))?.[0].length ?? 0,
      word.lastIndex,
    );
    if (given !== undefined) word.lastIndex = given.end;
    found.push({ tool, input: given?.value });
  }
  return found;
}

function inputFor({ inputSchema }: FunctionTool, text: string): JsonValue {
  const quoted = [...text.matchAll(QUOTED)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  const next = quoted.values();
  return schemaExample(inputSchema ?? { type: 'object' }, (property) => {
    const own = next.next();
    return own.done === true ? SAFE_STRINGS.find(([pattern]) => pattern.test(property))?.[1] : own.value;
  });
}

function toCall({ name }: FunctionTool, input: JsonValue): ToolCallBlock {
  return { type: 'tool-call', id: newId('call_'), name, input, rawInput: JSON.stringify(input) };
}
