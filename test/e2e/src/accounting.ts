import type { FidelityNote, JsonObject, JsonValue } from '@signalbox/kit';

/** A text of a request, and where it stands in the canonical model. */
interface Placed {
  readonly path: string;
  readonly text: string;
  /** Reasoning is left out of a whole history for one reason, which is noted once. */
  readonly isReasoning?: boolean;
}

/**
 * What of an Anthropic request is neither in the body that went upstream nor in a note about its place, in words. The
 * order of texts is not looked at.
 */
export function unaccounted(sent: JsonObject, upstream: JsonObject, notes: readonly FidelityNote[]): string[] {
  const found = leaves(upstream).join('\0');
  const lost: string[] = [];
  const reasoningIsNoted = notes.some(({ action, reason }) => action === 'dropped' && /reasoning/.test(reason));
  for (const { path, text, isReasoning } of requestTexts(sent)) {
    if (text.trim() === '' || found.includes(text) || isNoted(path, notes)) continue;
    if (isReasoning === true && reasoningIsNoted) continue;
    lost.push(`${path}: ${JSON.stringify(text.slice(0, 60))}`);
  }
  return [...lost, ...lostFields(sent, upstream, notes), ...lostParts(sent, upstream, notes)];
}

/** Whether a note stands at this place or at one that holds it. */
export function isNoted(path: string, notes: readonly FidelityNote[]): boolean {
  return notes.some(
    (note) => path === note.path || path.startsWith(`${note.path}.`) || path.startsWith(`${note.path}[`),
  );
}

/** Every text that a user, a model or a tool wrote; reasoning only as far as it has a text. */
function requestTexts(body: JsonObject): Placed[] {
  const texts: Placed[] = [];
  for (const { path, block } of allBlocks(body)) {
    const add = (text: JsonValue | undefined, isReasoning = false): void => {
      if (typeof text === 'string') texts.push({ path, text, isReasoning });
    };
    add(block.text);
    add(block.thinking, true);
    add(block.name);
    add(block.tool_name);
    add(object(block.source).data);
    if (block.type === 'tool_use') for (const text of leaves(block.input)) add(text);
  }
  for (const [index, tool] of blocks(body.tools).entries()) {
    const { name, description, input_schema: schema } = tool;
    for (const text of leaves([name ?? '', description ?? '', schema ?? {}])) {
      texts.push({ path: `tools[${index}]`, text });
    }
  }
  return texts;
}

/** All content blocks, those of tool results included. */
function allBlocks(body: JsonObject): { readonly path: string; readonly block: JsonObject }[] {
  const found: { path: string; block: JsonObject }[] = [];
  const visit = (value: JsonValue | undefined, path: string): void => {
    for (const [index, block] of blocks(value).entries()) {
      found.push({ path: `${path}[${index}]`, block });
      if (block.type === 'tool_result') visit(block.content, `${path}[${index}].content`);
    }
  };
  visit(body.system, 'system');
  for (const [index, message] of blocks(body.messages).entries()) visit(message.content, `messages[${index}].content`);
  return found;
}

function object(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** A list of objects; a text is one text block. */
function blocks(value: JsonValue | undefined): readonly JsonObject[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }];
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

/** All keys and texts of a value. Arguments of tool calls are JSON inside a text: their texts count, too. */
export function leaves(value: JsonValue | undefined, key = ''): string[] {
  if (typeof value === 'string') {
    if (key !== 'arguments') return [value];
    try {
      return [value, ...leaves(JSON.parse(value) as JsonValue)];
    } catch {
      return [value];
    }
  }
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [name, ...leaves(item, name)]);
}

/** Where each optional field of a request may turn up again: upstream, or as the path of a note. */
const PLACES: Readonly<Record<string, { upstream: readonly string[]; note: string }>> = {
  max_tokens: { upstream: ['max_tokens', 'max_completion_tokens'], note: 'maxOutputTokens' },
  metadata: { upstream: ['metadata', 'user', 'user_id', 'safety_identifier'], note: 'userId' },
  thinking: { upstream: ['thinking', 'reasoning', 'reasoning_effort'], note: 'reasoning' },
  output_config: { upstream: ['output_config', 'reasoning', 'reasoning_effort', 'response_format'], note: 'reasoning' },
  temperature: { upstream: ['temperature'], note: 'temperature' },
  stop_sequences: { upstream: ['stop_sequences', 'stop'], note: 'stopSequences' },
  tool_choice: { upstream: ['tool_choice'], note: 'toolChoice' },
  stream: { upstream: ['stream'], note: 'stream' },
};
const COUNTED_ELSEWHERE = ['model', 'messages', 'system', 'tools'];

function lostFields(sent: JsonObject, upstream: JsonObject, notes: readonly FidelityNote[]): string[] {
  const lost: string[] = [];
  for (const [key, value] of Object.entries(sent)) {
    if (COUNTED_ELSEWHERE.includes(key) || isSoAnyway(key, value ?? null, sent, upstream)) continue;
    const place = PLACES[key] ?? { upstream: [key], note: key };
    const kept = place.upstream.some((field) => upstream[field] !== undefined);
    const noted = notes.some(({ path }) => path === place.note || path.startsWith(`${place.note}.`));
    if (!kept && !noted) lost.push(`the field ${key}: ${JSON.stringify(value)}`);
  }
  if (JSON.stringify(sent).includes('"cache_control":{') && !JSON.stringify(upstream).includes('"cache_control":{')) {
    const noted = notes.some(({ path, reason }) => /cache/i.test(path) || /cache/.test(reason));
    if (!noted) lost.push('cache_control');
  }
  return lost;
}

/** Whether a field asks for what is so without it. */
function isSoAnyway(key: string, value: JsonValue, sent: JsonObject, upstream: JsonObject): boolean {
  const thinksNot = object(sent.thinking).type === 'disabled';
  if (key === 'service_tier') return value === 'auto';
  if (key === 'thinking')
    return thinksNot && typeof upstream.model === 'string' && upstream.model.startsWith('gpt-4.1');
  // An effort, and nothing to make it for.
  return key === 'output_config' && thinksNot && Object.keys(object(value)).join() === 'effort';
}

/** What every format can say, in fields of its own. */
const UNIVERSAL = words(`
  type text role content name id input tool_use_id is_error source description input_schema
  thinking signature data cache_control tool_name
`);

/** Tools must all be there, or be noted one by one; so must what only one format has on tools, messages and blocks. */
function lostParts(sent: JsonObject, upstream: JsonObject, notes: readonly FidelityNote[]): string[] {
  const lost: string[] = [];
  const tools = [...blocks(sent.tools).entries()];
  const kept = tools.filter(([index]) => !notes.some(({ path }) => path === `tools[${index}]`)).length;
  const there = blocks(upstream.tools).length;
  if (there !== kept) lost.push(`${kept} tools were expected upstream, ${there} are there`);

  const check = (value: JsonObject, path: string): void => {
    for (const key of Object.keys(value)) {
      if (UNIVERSAL.includes(key) || saysNothing(key, value[key]) || isNoted(`${path}.${key}`, notes)) continue;
      if (!JSON.stringify(upstream).includes(`"${key}":${JSON.stringify(value[key])}`)) lost.push(`${path}.${key}`);
    }
  };
  for (const [index, tool] of tools) check(tool, `tools[${index}]`);
  for (const [index, message] of blocks(sent.messages).entries()) check(message, `messages[${index}]`);
  for (const { path, block } of allBlocks(sent)) check(block, path);
  return lost;
}

/** Whether a field has the value that it has where it is absent. */
function saysNothing(key: string, value: JsonValue | undefined): boolean {
  return value === null || (key === 'caller' && object(value).type === 'direct');
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
