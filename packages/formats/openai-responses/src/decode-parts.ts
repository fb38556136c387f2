import {
  type Block,
  type CacheControl,
  errors,
  type ImageBlock,
  type JsonObject,
  type JsonValue,
  type MediaSource,
  type TextBlock,
} from '@signalbox/kit';
import { ID, isObject, needObject, needString, text } from './fields.ts';

/**
 * The blocks of a message's `content` or of a tool's `output`: a string or parts. Parts of unknown type stay opaque.
 * @throws {SignalboxError} INVALID_REQUEST that names the part, UNSUPPORTED for audio.
 */
export function decodeContent(content: JsonValue | undefined, path: string): Block[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw errors.invalidRequest(`${path}: must be a string or an array of parts.`);
  return content.map((part, index) => decodePart(part, `${path}[${index}]`));
}

/** The same where only text may stand: system and developer messages. */
export function decodeText(content: JsonValue | undefined, path: string): TextBlock[] {
  return decodeContent(content, path).map((block) => {
    if (block.type === 'text') return block;
    throw errors.invalidRequest(`${path}: only text can stand here.`);
  });
}

function decodePart(value: JsonValue, path: string): Block {
  const part = needObject(value, path);
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: needString(part.text, `${path}.text`), ...textExtras(part) };
    case 'refusal':
      return {
        type: 'text',
        text: needString(part.refusal, `${path}.refusal`),
        extensions: { [ID]: { $refusal: true } },
      };
    case 'input_image':
      return decodeImage(part, path);
    case 'input_file':
      return decodeFile(part, path);
    case 'input_audio':
      throw errors.unsupported(
        `${path}: audio input cannot be translated between formats. Send it to a target that speaks openai-responses itself, without plugins that change the request.`,
      );
    default:
      needString(part.type, `${path}.type`);
      return { type: 'opaque', format: ID, value: { ...part, $part: true } };
  }
}

function decodeImage(part: JsonObject, path: string): ImageBlock {
  const { image_url: url, file_id: fileId, detail } = part;
  const own = typeof detail === 'string' && detail !== 'auto' ? { detail } : {};
  if (typeof fileId === 'string') {
    return { type: 'image', source: { type: 'file', fileId, format: ID }, ...partExtras(part, own) };
  }
  // Some clients nest the URL, as Chat Completions does.
  const plain = isObject(url) ? url.url : url;
  return { type: 'image', source: decodeUrl(needString(plain, `${path}.image_url`)), ...partExtras(part, own) };
}

function decodeFile(part: JsonObject, path: string): Block {
  const { file_data: data, file_url: url, file_id: fileId, filename, detail } = part;
  const name = text(filename);
  const title = name === undefined ? {} : { title: name };
  const extras = partExtras(part, typeof detail === 'string' ? { detail } : {});
  if (typeof fileId === 'string') {
    return { type: 'document', source: { type: 'file', fileId, format: ID }, ...title, ...extras };
  }
  if (typeof url === 'string') return { type: 'document', source: { type: 'url', url }, ...title, ...extras };
  const given = needString(data, `${path}.file_data`);
  const source: MediaSource = given.startsWith('data:')
    ? decodeUrl(given)
    : { type: 'base64', mediaType: 'application/pdf', data: given };
  return { type: 'document', source, ...title, ...extras };
}

/** A data URL becomes its bytes in base64, any other URL stays one. */
function decodeUrl(url: string): MediaSource {
  if (!url.startsWith('data:')) return { type: 'url', url };
  const comma = url.indexOf(',');
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma === -1 ? undefined : comma).split(';');
  const payload = comma === -1 ? '' : url.slice(comma + 1);
  const data = parameters.includes('base64') ? payload : Buffer.from(percentDecoded(payload)).toString('base64');
  return { type: 'base64', mediaType: mediaType === '' ? 'text/plain' : mediaType, data };
}

function percentDecoded(payload: string): string {
  try {
    return decodeURIComponent(payload);
  } catch {
    return payload;
  }
}

/** Citations stand where those of a reply do: in `deltas`. */
function textExtras(part: JsonObject): Pick<TextBlock, 'cacheControl' | 'extensions'> {
  const { annotations, logprobs } = part;
  return partExtras(part, {
    ...(Array.isArray(annotations) && annotations.length > 0 ? { deltas: [{ annotations }] } : {}),
    ...(Array.isArray(logprobs) && logprobs.length > 0 ? { logprobs } : {}),
  });
}

function partExtras(part: JsonObject, own: JsonObject): Pick<TextBlock, 'cacheControl' | 'extensions'> {
  const $breakpoint = part.prompt_cache_breakpoint;
  const extras = $breakpoint === undefined ? own : { ...own, $breakpoint };
  return {
    ...(isObject($breakpoint) ? { cacheControl: lifetimeOf($breakpoint) } : {}),
    ...(Object.keys(extras).length === 0 ? {} : { extensions: { [ID]: extras } }),
  };
}

/** OpenAI’s lifetimes are longer than all others: the longest there is comes nearest. */
function lifetimeOf({ ttl }: JsonObject): CacheControl {
  return typeof ttl === 'string' ? { ttl: '1h' } : {};
}
