import type { Block, ChatReply, ChatRequest, JsonValue, StreamEvent, Usage } from '@signalbox/kit';

/** What is of another type than the canonical model says, as `path: what it is`. Types are only checked when code is built. */
export type Misfits = string[];

const STOP_REASONS = new Set([
  ...['end-turn', 'stop-sequence', 'tool-call', 'max-tokens'],
  ...['context-window-exceeded', 'refusal', 'pause-turn'],
]);
const EFFORTS = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
const CODE = /^[A-Z][A-Z_]+$/;

type Check = (value: unknown, path: string, misfits: Misfits) => void;

const kind =
  (name: string, holds: (value: unknown) => boolean): Check =>
  (value, path, misfits) => {
    if (!holds(value)) misfits.push(`${path} is ${show(value)}, not ${name}`);
  };
const text = kind('a text', (value) => typeof value === 'string');
const flag = kind('a boolean', (value) => typeof value === 'boolean');
const number = kind('a number', (value) => typeof value === 'number' && Number.isFinite(value));
const object = kind('an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const oneOf = (words: ReadonlySet<unknown>): Check => kind('one of the words', (value) => words.has(value));
const maybe =
  (check: Check): Check =>
  (value, path, misfits) => {
    if (value !== undefined) check(value, path, misfits);
  };
const list =
  (check: Check): Check =>
  (value, path, misfits) => {
    if (!Array.isArray(value)) misfits.push(`${path} is ${show(value)}, not a list`);
    else for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, misfits);
  };
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path, misfits) => {
    object(value, path, misfits);
    for (const key in fields)
      fields[key]?.((value as Record<string, unknown> | null)?.[key], `${path}.${key}`, misfits);
  };
/** JSON as a parser makes it: nothing stands in a prototype, and nothing is a function. */
const plain: Check = (value, path, misfits) => {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    misfits.push(`${path} is ${show(value)}, not JSON`);
  } else if (typeof value === 'object' && value !== null) {
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) {
      misfits.push(`${path} has a prototype of its own`);
    }
    for (const key of Object.keys(value)) plain((value as Record<string, unknown>)[key], `${path}.${key}`, misfits);
  }
};
const json = kind('JSON', (value) => value !== undefined && typeof value !== 'function');

const reasoningState = shape({ origin: text, data: json });
const media = shape({ type: oneOf(new Set(['base64', 'url', 'file', 'text', 'content'])) });
const BLOCKS: Readonly<Record<Block['type'], Check>> = {
  text: shape({ text }),
  image: shape({ source: media }),
  document: shape({ source: media, title: maybe(text), context: maybe(text) }),
  reasoning: shape({ text, state: maybe(reasoningState), redacted: maybe(flag) }),
  'tool-call': shape({ id: text, name: text, input: json, rawInput: maybe(text) }),
  'tool-result': (value, path, misfits) =>
    shape({ callId: text, content: list(block), isError: maybe(flag) })(value, path, misfits),
  opaque: shape({ format: text, value: object }),
};
const block: Check = (value, path, misfits) => {
  const check = ownOf(BLOCKS, (value as { type?: unknown } | null)?.type);
  if (check === undefined) misfits.push(`${path} is no block`);
  else check(value, path, misfits);
};
const usage = shape({
  promptTokens: maybe(number),
  cacheReadTokens: maybe(number),
  cacheWriteTokens: maybe(number),
  completionTokens: maybe(number),
  reasoningTokens: maybe(number),
  costUsd: maybe(number),
} satisfies Partial<Record<keyof Usage, Check>>);

const request = shape({
  model: text,
  stream: flag,
  system: list(BLOCKS.text),
  messages: list(shape({ role: oneOf(new Set(['user', 'assistant', 'system'])), content: list(block) })),
  tools: list(shape({ type: oneOf(new Set(['function', 'opaque'])), name: maybe(text), description: maybe(text) })),
  toolChoice: maybe(shape({ type: oneOf(new Set(['auto', 'required', 'none', 'tool', 'allowed'])) })),
  parallelToolCalls: maybe(flag),
  maxOutputTokens: maybe(number),
  stopSequences: maybe(list(text)),
  temperature: maybe(number),
  topP: maybe(number),
  topK: maybe(number),
  reasoning: maybe(shape({ effort: maybe(oneOf(EFFORTS)), budgetTokens: maybe(number) })),
  responseFormat: maybe(shape({ type: oneOf(new Set(['json-object', 'json-schema'])) })),
  userId: maybe(text),
} satisfies Partial<Record<keyof ChatRequest, Check>>);

const end = {
  stopReason: oneOf(STOP_REASONS),
  rawStopReason: maybe(text),
  stopSequence: maybe(text),
};
const reply = shape({ id: maybe(text), model: maybe(text), content: list(block), ...end, usage: maybe(usage) });

const STREAM_BLOCKS: Readonly<Record<string, Check>> = {
  text: object,
  reasoning: shape({ redacted: maybe(flag) }),
  'tool-call': shape({ id: text, name: text }),
  opaque: BLOCKS.opaque,
};
const EVENTS: Readonly<Record<StreamEvent['type'], Check>> = {
  'message-start': shape({ id: maybe(text), model: maybe(text) }),
  'block-start': shape({ block: (value, path, misfits) => streamBlock(value, path, misfits) }),
  'text-delta': shape({ text }),
  'reasoning-delta': shape({ text }),
  signature: shape({ state: reasoningState }),
  'tool-input-delta': shape({ json: text }),
  'extension-delta': shape({ format: text, value: object }),
  'block-end': object,
  usage: shape({ usage }),
  'message-end': shape(end),
  error: shape({
    error: shape({
      code: kind('a code', (value) => typeof value === 'string' && CODE.test(value)),
      message: kind('a message', (value) => typeof value === 'string' && value !== ''),
      status: kind('a status', (value) => Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599),
      retryable: flag,
      retryAfterSeconds: maybe(kind('seconds', (value) => Number.isFinite(value) && Number(value) >= 0)),
    }),
  }),
};

function streamBlock(value: unknown, path: string, misfits: Misfits): void {
  const check = ownOf(STREAM_BLOCKS, (value as { type?: unknown } | null)?.type);
  if (check === undefined) misfits.push(`${path} is no block of a stream`);
  else check(value, path, misfits);
}

export function misfitsOfRequest(value: ChatRequest): Misfits {
  return collect(value as never, 'request', request);
}

export function misfitsOfReply(value: ChatReply): Misfits {
  return collect(value as never, 'reply', reply);
}

export function misfitsOfEvents(events: readonly StreamEvent[]): Misfits {
  const misfits: Misfits = [];
  events.forEach((event, index) => {
    const check = ownOf(EVENTS, event.type);
    const path = `events[${index}:${event.type}]`;
    if (check === undefined) misfits.push(`${path} is no event`);
    else misfits.push(...collect(event as never, path, check));
  });
  return misfits;
}

/** That a body is JSON as it is: what `JSON.stringify` would leave out or change without a word is none. */
export function misfitsOfJson(value: unknown, path: string): Misfits {
  return collect(value as JsonValue, path, json);
}

function collect(value: JsonValue, path: string, check: Check): Misfits {
  const misfits: Misfits = [];
  check(value, path, misfits);
  plain(value, path, misfits);
  return misfits;
}

function ownOf<T>(table: Readonly<Record<string, T>>, key: unknown): T | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

function show(value: unknown): string {
  return typeof value === 'function' ? `the function ${value.name}` : `${JSON.stringify(value) ?? value}`.slice(0, 60);
}
