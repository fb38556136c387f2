import { type ChatRequest, type JsonObject, ownFields, setField, type TargetContext } from '@signalbox/kit';
import { encodeContent, imagesOf, joined } from './encode-content.ts';
import { encodeMessages, encodeSystem } from './encode-messages.ts';
import { encodeOptions, encodeResponseFormat, encodeThink } from './encode-options.ts';
import { encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import { isGenerate } from './generate.ts';
import { kinOptions } from './kin-fields.ts';

/** Fields of a single prompt that a chat has no place for. */
const GENERATE_ONLY: ReadonlySet<string> = new Set(['suffix', 'raw', 'template', 'context']);

/**
 * The body for `/api/chat`, or for `/api/generate` where `isGenerate` says so. The same request always gives the same
 * bytes, so that the prompt's prefix stays in the server's cache.
 * @throws {SignalboxError} UNSUPPORTED for files that only another provider can read.
 */
export function encodeRequest(request: ChatRequest, target: TargetContext): JsonObject {
  const encoding = new Encoding(target);
  const { notes } = target;
  const kin = kinOptions(request.extensions);
  notes.foreignExtensions(request.extensions, ID, '', kin.told);
  if (request.userId !== undefined)
    notes.add('userId', 'mapped', 'left out: the provider takes no user id, and the model never sees it');
  const generate = isGenerate(request);
  return {
    ...encodeExtensions(request, generate, target),
    model: target.model,
    stream: request.stream,
    ...(generate ? encodePrompt(request, encoding) : encodeChat(request, encoding)),
    ...encodeOptions(request, kin.options),
    ...encodeThink(request, notes),
    ...encodeResponseFormat(request),
  };
}

function encodeChat(request: ChatRequest, encoding: Encoding): JsonObject {
  const { fields, instructions } = encodeTools(request, encoding);
  return { messages: encodeMessages(request, instructions, encoding), ...fields };
}

function encodePrompt(request: ChatRequest, encoding: Encoding): JsonObject {
  const system = encodeSystem(request.system, [], encoding)?.content;
  const [message] = request.messages;
  const content = encodeContent(message?.content ?? [], 'messages[0].content', encoding);
  return {
    prompt: joined(content),
    ...imagesOf(content),
    ...(system === undefined ? {} : { system }),
  };
}

function encodeExtensions({ extensions }: ChatRequest, generate: boolean, { notes }: TargetContext): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of ownFields(extensions, ID)) {
    if (key.startsWith('options.')) continue;
    if (!generate && GENERATE_ONLY.has(key)) notes.add(key, 'dropped', 'a chat has no place for it');
    else setField(kept, key, value);
  }
  return kept;
}
