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
import { ID, isObject, needObject, needString } from './fields.ts';

/**
 * The blocks of a message's `content`: a string, parts, or `null`. Parts of unknown type stay opaque.
 * @throws {SignalboxError} INVALID_REQUEST that names the part, UNSUPPORTED for audio.
 */
export function decodeContent(content: JsonValue | undefined, path: string): Block[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw errors.invalidRequest(`${path}: must be a string or an array of parts.`);
  return content.map((part, index) => decodePart(part, `${path}[${index}]`));
}

/** The same where only text may stand: system messages and their like. */
export function decodeText(content: JsonValue | undefined, path: string): TextBlock[] {
  return decodeContent(content, path).map((block) => {
    if (block.type === 'text') return block;
    throw errors.invalidRequest(`${path}: only text can stand here.`);
  });
}

function decodePart(value: JsonValue, path: string): Block {
  if (typeof value === 'string') return { type: 'text', text: value };
  const part = needObject(value, path);
  switch (part.type) {
    case 'text':
      return { type: 'text', text: needString(part.text, `${path}.text`), ...partExtras(part) };
    case 'refusal':
      return { type: 'text', text: needString(part.refusal, `${path}.refusal`), ...partExtras(part) };
    case 'image_url':
      return decodeImage(part, path);
    case 'file':
      return decodeFile(part, path);
    case 'input_audio':
      throw errors.unsupported(
        `${path}: audio input cannot be translated between formats. Send it to a target that speaks openai-chat itself, without plugins that change the request.`,
      );
    default:
      needString(part.type, `${path}.type`);
      return { type: 'opaque', format: ID, value: part };
  }
}

function decodeImage(part: JsonObject, path: string): ImageBlock {
  const image = typeof part.image_url === 'string' ? { url: part.image_url } : part.image_url;
  const { url, detail } = needObject(image, `${path}.image_url`);
  const source = decodeUrl(needString(url, `${path}.image_url.url`));
  return {
    type: 'image',
    source,
    ...partExtras(part, typeof detail !== 'string' ? {} : detail === 'auto' ? { $detail: detail } : { detail }),
  };
}

function decodeFile(part: JsonObject, path: string): Block {
  const { file_data: data, file_id: fileId, filename } = needObject(part.file, `${path}.file`);
  const title = typeof filename === 'string' && filename !== '' ? { title: filename } : {};
  if (typeof fileId === 'string') {
    return { type: 'document', source: { type: 'file', fileId, format: ID }, ...title, ...partExtras(part) };
  }
  const source = decodeUrl(needString(data, `${path}.file.file_data`));
  return { type: 'document', source, ...title, ...partExtras(part) };
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

function partExtras(part: JsonObject, own: JsonObject = {}): Pick<TextBlock, 'cacheControl' | 'extensions'> {
  const $breakpoint = part.prompt_cache_breakpoint;
  const extras = $breakpoint === undefined ? own : { ...own, $breakpoint };
  return {
    ...(isObject($breakpoint) ? { cacheControl: lifetimeOf($breakpoint) } : decodeCacheControl(part)),
    ...(Object.keys(extras).length === 0 ? {} : { extensions: { [ID]: extras } }),
  };
}

/** OpenAI’s lifetimes are longer than all others: the longest there is comes nearest. */
function lifetimeOf({ ttl }: JsonObject): CacheControl {
  return typeof ttl === 'string' ? { ttl: '1h' } : {};
}

/** `cache_control`, which OpenRouter and Qwen take on parts and tools. */
export function decodeCacheControl({ cache_control: control }: JsonObject): Pick<TextBlock, 'cacheControl'> {
  if (!isObject(control)) return {};
  const { ttl } = control;
  return { cacheControl: ttl === '5m' || ttl === '1h' ? { ttl } : {} };
}
