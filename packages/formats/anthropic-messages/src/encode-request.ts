import { type Block, type ChatRequest, type JsonObject, ownFieldsOf, type TargetContext } from '@signalbox/kit';
import type { AnthropicDialect } from './dialect.ts';
import { encodeBlock, ownReasoning } from './encode-blocks.ts';
import { createContext, type EncodeContext, encodeExtras } from './encode-context.ts';
import { type EncodedFormat, encodeFormat } from './encode-format.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeSampling, encodeStopSequences } from './encode-sampling.ts';
import { type EncodedThinking, encodeThinking } from './encode-thinking.ts';
import { encodeTools } from './encode-tools.ts';
import { threadRefusal } from './thread.ts';
import { ATTRIBUTION_BLOCK, FORMAT_ID } from './wire.ts';

/** What a client that sets no limit gets; this format cannot do without one. */
const DEFAULT_MAX_TOKENS = 32_000;

/** Entries of the request's own extensions that are written beside what they belong to. */
const HANDLED: ReadonlySet<string> = new Set(['thinking', 'output_config', 'tool_choice', 'metadata']);

/**
 * Encodes a request for a server of this format. Same request, same bytes. Deprecated spellings come out in their
 * present form.
 * @throws {SignalboxError} UNSUPPORTED for content that cannot be said here without losing its meaning.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext, dialect: AnthropicDialect): JsonObject {
  const context = createContext(target, dialect, request.extensions);
  const { notes, ownClient } = context;
  const { extraFields } = context.capabilities;
  const refusal = extraFields === 'all' || extraFields.includes('thread') ? undefined : threadRefusal(request);
  if (refusal !== undefined) throw refusal;
  const first = leadingSystemMessages(request);
  const asked = encodeThinking(request, request.maxOutputTokens ?? DEFAULT_MAX_TOKENS, context);
  const { thinking, effort, maxTokens } = restorable(asked, request, context);
  const manual = thinking?.type === 'enabled';
  const thinks = manual || thinking?.type === 'adaptive';
  const format = encodeFormat(request, context);
  const system = encodeSystem(request, first, format, context);
  const forced = context.capabilities.forcedToolChoice && !manual;
  const { tools, toolChoice } = encodeTools(request, forced, context);

  const body: JsonObject = { model: target.model };
  // Only a token count comes without a limit from a client of this format, and it must stay without.
  if (request.maxOutputTokens !== undefined || !ownClient) body.max_tokens = maxTokens;
  if (system.length > 0) body.system = system;
  body.messages = encodeMessages(request.messages, first, thinks, context);
  if (tools !== undefined) body.tools = tools;
  if (toolChoice !== undefined) body.tool_choice = toolChoice;
  const metadata = encodeMetadata(request);
  if (metadata !== undefined) body.metadata = metadata;
  const stopSequences = encodeStopSequences(request, context);
  if (stopSequences !== undefined) body.stop_sequences = stopSequences;
  Object.assign(body, encodeSampling(request, thinks, context));
  if (thinking !== undefined) body.thinking = thinking;
  const outputConfig = encodeOutputConfig(request, effort, format, context);
  if (outputConfig !== undefined) body.output_config = outputConfig;
  encodeExtras(body, request.extensions, HANDLED, '', context);
  if (request.stream) body.stream = true;
  if (!ownClient && request.maxOutputTokens === undefined) {
    notes.add('maxOutputTokens', 'approximated', `no limit was given: ${maxTokens} is sent`);
  }
  return body;
}

/** How many messages at the start belong into `system`. */
function leadingSystemMessages({ messages }: ChatRequest): number {
  let count = 0;
  while (messages[count]?.role === 'system') count++;
  return count;
}

function encodeSystem(
  request: ChatRequest,
  leading: number,
  { instruction }: EncodedFormat,
  context: EncodeContext,
): JsonObject[] {
  const system: JsonObject[] = [];
  const add = (block: Block, path: string): void => {
    if (!context.capabilities.attributionBlock && block.type === 'text' && ATTRIBUTION_BLOCK.test(block.text)) {
      context.notes.add(path, 'mapped', 'left out: a billing header, which only Anthropic reads');
      return;
    }
    const wire = encodeBlock(block, 'system', path, context);
    if (wire !== undefined) system.push(wire);
  };
  for (const [index, block] of request.system.entries()) add(block, `system[${index}]`);
  for (const [index, { content }] of request.messages.slice(0, leading).entries()) {
    for (const [at, block] of content.entries()) add(block, `messages[${index}].content[${at}]`);
  }
  if (instruction !== undefined) system.push({ type: 'text', text: instruction });
  return system;
}

/**
 * Manual thinking needs the reasoning of the tool turn in progress. Where it cannot be given back (it is of another
 * origin, or there never was any) the request goes without thinking.
 */
function restorable(asked: EncodedThinking, request: ChatRequest, context: EncodeContext): EncodedThinking {
  if (asked.thinking?.type !== 'enabled' || toolTurnStartsWithReasoning(request, context)) return asked;
  context.notes.add(
    'reasoning',
    'dropped',
    'the tool turn in progress has no reasoning that this target can take back',
  );
  return { thinking: { type: 'disabled' }, maxTokens: request.maxOutputTokens ?? DEFAULT_MAX_TOKENS };
}

/** Walks back over the tool turn in progress: true where one of its assistant messages starts with valid reasoning. */
function toolTurnStartsWithReasoning({ messages }: ChatRequest, { target, capabilities }: EncodeContext): boolean {
  let at = messages.length - 1;
  let inTurn = false;
  for (; at >= 0; at--) {
    const { role, content } = messages[at] as ChatRequest['messages'][number];
    if (role === 'system') continue;
    if (role === 'user') {
      if (!content.some(({ type }) => type === 'tool-result')) break;
      continue;
    }
    if (!content.some(({ type }) => type === 'tool-call')) break;
    inTurn = true;
    const [first] = content;
    if (first?.type !== 'reasoning') continue;
    if (capabilities.unsignedThinking || ownReasoning(first, { target, capabilities }) !== undefined) return true;
  }
  return !inTurn;
}

function encodeMetadata({ userId, extensions }: ChatRequest): JsonObject | undefined {
  const extras = ownFieldsOf(extensions, FORMAT_ID, 'metadata');
  if (userId === undefined && Object.keys(extras).length === 0) return undefined;
  return { ...(userId === undefined ? {} : { user_id: userId }), ...extras };
}

function encodeOutputConfig(
  { extensions }: ChatRequest,
  effort: string | undefined,
  { format }: EncodedFormat,
  context: EncodeContext,
): JsonObject | undefined {
  const { format: _, ...rest } = ownFieldsOf(extensions, FORMAT_ID, 'output_config');
  const wire: JsonObject = {};
  if (effort !== undefined) wire.effort = effort;
  if (format !== undefined) wire.format = format;
  encodeExtras(wire, { [FORMAT_ID]: rest }, NONE, 'reasoning', context);
  return Object.keys(wire).length === 0 ? undefined : wire;
}

const NONE: ReadonlySet<string> = new Set();
