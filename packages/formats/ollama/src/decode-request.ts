import { type ChatRequest, errors, type JsonObject, keepOwn } from '@signalbox/kit';
import { decodeImages } from './decode-images.ts';
import { type Conversation, decodeMessages } from './decode-messages.ts';
import { decodeOptions, decodeThink } from './decode-options.ts';
import { decodeResponseFormat, decodeTools } from './decode-tools.ts';
import { ID, isObject, isUnsaid, optionalBoolean, optionalString, restOf, text } from './fields.ts';
import { GENERATE_PATH } from './ingress.ts';
import { fateOf } from './own-fields.ts';

const SHARED = ['model', 'stream', 'options', 'format', 'think'];
/** Fields with a place in the canonical model; any other travels in the extensions. */
const CHAT: ReadonlySet<string> = new Set([...SHARED, 'messages', 'tools']);
const GENERATE: ReadonlySet<string> = new Set([...SHARED, 'prompt', 'system', 'images']);

/**
 * The canonical request of a chat, or of a single prompt. One that says nothing to the model (it only loads it) has no
 * messages.
 * @throws {SignalboxError} INVALID_REQUEST that names the field.
 */
export function decodeRequest(
  body: JsonObject,
  { path, stream = true }: { readonly path?: string; readonly stream?: boolean },
): ChatRequest {
  if (!isObject(body)) throw errors.invalidRequest('The request body must be a JSON object.');
  const model = text(body.model);
  if (model === undefined) throw errors.invalidRequest('model: must be a string that is not empty.');
  const generate =
    path === undefined ? body.messages === undefined && body.prompt !== undefined : path === GENERATE_PATH;
  const { system, messages } = generate ? decodePrompt(body) : decodeMessages(body.messages);
  const { sampling, rest } = decodeOptions(body.options);
  const reasoning = decodeThink(body.think);
  const responseFormat = decodeResponseFormat(body.format);
  const own: JsonObject = generate ? { $generate: true } : {};
  keepExtras(own, '', restOf(body, generate ? GENERATE : CHAT));
  keepExtras(own, 'options.', rest);
  return {
    model,
    stream: optionalBoolean(body.stream, 'stream') ?? stream,
    system,
    messages,
    tools: generate ? [] : decodeTools(body.tools),
    ...sampling,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    ...(Object.keys(own).length === 0 ? {} : { extensions: { [ID]: own } }),
  };
}

function keepExtras(own: JsonObject, under: string, extras: JsonObject | undefined): void {
  for (const key in extras) {
    const value = extras[key];
    if (value !== undefined && !key.startsWith('$')) keepOwn(own, under + key, value, fateOf(under + key, value));
  }
}

function decodePrompt(body: JsonObject): Conversation {
  const system = optionalString(body.system, 'system');
  const prompt = optionalString(body.prompt, 'prompt');
  const images = decodeImages(body.images, 'images');
  const content = [...(prompt === '' ? [] : [{ type: 'text', text: prompt } as const]), ...images];
  return {
    system: system === '' ? [] : [{ type: 'text', text: system }],
    messages: content.length === 0 && isUnsaid(body.suffix) ? [] : [{ role: 'user', content }],
  };
}
