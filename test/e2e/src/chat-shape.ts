import type { JsonObject, JsonValue } from '@signalbox/kit';

/** What a dialect of Chat Completions has beyond OpenAI's own. */
export interface ChatDialect {
  readonly fields?: readonly string[];
  readonly messageFields?: readonly string[];
  readonly partFields?: readonly string[];
  readonly toolFields?: readonly string[];
}

const FIELDS = words(`
  model messages tools tool_choice parallel_tool_calls max_tokens max_completion_tokens stop temperature top_p n seed
  stream stream_options presence_penalty frequency_penalty logit_bias logprobs top_logprobs user response_format
  reasoning_effort verbosity metadata store service_tier prompt_cache_key prompt_cache_retention safety_identifier
`);
const MESSAGE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'tool_calls', 'refusal', 'audio'],
  tool: ['role', 'content', 'tool_call_id'],
};
const PARTS: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text'],
  image_url: ['type', 'image_url'],
  file: ['type', 'file'],
  input_audio: ['type', 'input_audio'],
  refusal: ['type', 'refusal'],
};
const LEGAL_TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Everything about a Chat Completions request that its endpoint would refuse, in words. None: `[]`. */
export function chatProblems(body: JsonObject, dialect: ChatDialect = {}): string[] {
  const problems: string[] = [];
  unknownKeys(body, [...FIELDS, ...(dialect.fields ?? [])], 'body', problems);
  const messages = list(body.messages);
  if (messages.length === 0) problems.push('messages is empty');
  for (const [index, message] of messages.entries()) messageProblems(message, `messages[${index}]`, dialect, problems);
  pairingProblems(messages, problems);
  toolProblems(body, dialect, problems);
  return problems;
}

function messageProblems(message: JsonObject, path: string, dialect: ChatDialect, problems: string[]): void {
  const known = MESSAGE_FIELDS[String(message.role)];
  if (known === undefined) {
    problems.push(`${path}.role is ${JSON.stringify(message.role)}`);
    return;
  }
  unknownKeys(message, [...known, ...(dialect.messageFields ?? [])], path, problems);
  if (!Array.isArray(message.content)) {
    const empty = message.content === null || message.content === undefined;
    if (empty ? message.role !== 'assistant' : typeof message.content !== 'string') {
      problems.push(`${path}.content is ${JSON.stringify(message.content)}`);
    }
    return;
  }
  if (message.content.length === 0) problems.push(`${path}.content is an empty list`);
  for (const part of list(message.content)) {
    const fields = PARTS[String(part.type)];
    if (fields === undefined) problems.push(`${path} has a part of type ${JSON.stringify(part.type)}`);
    else unknownKeys(part, [...fields, ...(dialect.partFields ?? [])], `${path} part`, problems);
  }
}

/** Every call is answered right after its message, once, in call order; nothing else is answered. */
function pairingProblems(messages: readonly JsonObject[], problems: string[]): void {
  let open: string[] = [];
  const seen = new Set<string>();
  messages.forEach((message, index) => {
    if (message.role === 'tool') {
      const expected = open.shift();
      if (message.tool_call_id !== expected) {
        problems.push(
          `messages[${index}] answers ${String(message.tool_call_id)}, expected ${expected ?? 'no result'}`,
        );
      }
      return;
    }
    if (open.length > 0) problems.push(`messages[${index}] comes before the results of ${open.join(', ')}`);
    open = [];
    for (const call of list(message.tool_calls)) {
      const id = String(call.id);
      if (seen.has(id)) problems.push(`the tool call id ${id} is there twice`);
      seen.add(id);
      open.push(id);
      const { name, arguments: args } = object(call.function);
      if (!LEGAL_TOOL_NAME.test(String(name))) problems.push(`messages[${index}] calls ${JSON.stringify(name)}`);
      if (!isJsonObjectText(args))
        problems.push(`messages[${index}] calls ${String(name)} with ${JSON.stringify(args)}`);
      unknownKeys(call, ['id', 'type', 'function'], `messages[${index}].tool_calls`, problems);
    }
  });
  if (open.length > 0) problems.push(`no results for ${open.join(', ')}`);
}

function toolProblems(body: JsonObject, dialect: ChatDialect, problems: string[]): void {
  const names = new Set<string>();
  for (const tool of list(body.tools)) {
    const fn = object(tool.function);
    const name = String(fn.name);
    if (tool.type !== 'function') problems.push(`a tool of type ${JSON.stringify(tool.type)}`);
    if (!LEGAL_TOOL_NAME.test(name)) problems.push(`a tool called ${JSON.stringify(fn.name)}`);
    if (names.has(name)) problems.push(`two tools are called ${name}`);
    names.add(name);
    unknownKeys(tool, ['type', 'function', ...(dialect.toolFields ?? [])], `tool ${name}`, problems);
    unknownKeys(fn, ['name', 'description', 'parameters', 'strict'], `tool ${name}`, problems);
  }
  if (Array.isArray(body.tools) && names.size === 0) problems.push('tools is empty');
  const chosen = object(object(body.tool_choice).function).name;
  if (chosen !== undefined && !names.has(String(chosen))) problems.push(`tool_choice names ${String(chosen)}`);
  if (names.size === 0 && body.tool_choice !== undefined) problems.push('tool_choice without tools');
}

function isJsonObjectText(value: JsonValue | undefined): boolean {
  if (typeof value !== 'string') return false;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

function unknownKeys(value: JsonObject, known: readonly string[], path: string, problems: string[]): void {
  for (const key of Object.keys(value)) if (!known.includes(key)) problems.push(`${path} has ${key}`);
}

function list(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function object(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
