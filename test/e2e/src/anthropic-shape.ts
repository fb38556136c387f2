import type { JsonObject, JsonValue } from '@signalbox/kit';

/** What the Messages API documents, betas included. */
const FIELDS = [
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'max_tokens', 'metadata', 'stop_sequences', 'stream'],
  ...['temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'context_management', 'service_tier'],
];
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'citations'],
  image: ['source'],
  document: ['source', 'title', 'context', 'citations'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'caller'],
  tool_result: ['tool_use_id', 'content', 'is_error'],
  tool_reference: ['tool_name'],
};

/** Everything about a Messages request that the API would refuse, in words. None: `[]`. */
export function anthropicProblems(body: JsonObject, extraFields: readonly string[] = []): string[] {
  const problems: string[] = [];
  for (const key of Object.keys(body)) {
    if (!FIELDS.includes(key) && !extraFields.includes(key)) problems.push(`body has ${key}`);
  }
  let open: string[] = [];
  for (const [index, message] of list(body.messages).entries()) {
    const path = `messages[${index}]`;
    if (!['user', 'assistant', 'system'].includes(String(message.role)))
      problems.push(`${path} is of ${String(message.role)}`);
    const content = list(message.content);
    for (const [at, block] of content.entries()) blockProblems(block, `${path}.content[${at}]`, problems);
    const answered = content.filter(({ type }) => type === 'tool_result').map((block) => String(block.tool_use_id));
    if (message.role === 'user') {
      for (const id of answered) if (!open.includes(id)) problems.push(`${path} answers ${id}, which nobody asked`);
      const missing = open.filter((id) => !answered.includes(id));
      if (missing.length > 0) problems.push(`${path} lacks the results of ${missing.join(', ')}`);
      open = [];
    } else if (message.role === 'assistant') {
      open.push(...content.filter(({ type }) => type === 'tool_use').map(({ id }) => String(id)));
    }
  }
  if (open.length > 0) problems.push(`no results for ${open.join(', ')}`);
  return problems;
}

function blockProblems(block: JsonObject, path: string, problems: string[]): void {
  const known = BLOCKS[String(block.type)];
  if (known === undefined) {
    problems.push(`${path} is of type ${JSON.stringify(block.type)}`);
    return;
  }
  for (const key of Object.keys(block)) {
    if (key !== 'type' && key !== 'cache_control' && !known.includes(key)) problems.push(`${path} has ${key}`);
  }
  for (const [at, inner] of list(block.content).entries()) blockProblems(inner, `${path}.content[${at}]`, problems);
}

function list(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
