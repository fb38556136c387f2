import {
  type Block,
  type CacheControl,
  type DocumentBlock,
  type Extensions,
  errors,
  type JsonObject,
  type JsonValue,
  type MediaSource,
  type ReasoningState,
  type TextBlock,
  unpackReasoningState,
} from '@signalbox/kit';
import { decodeCacheControl } from './cache-control.ts';
import { adviceAmong } from './own-fields.ts';
import { isMadeUp } from './web-search.ts';
import {
  ANTHROPIC_ORIGIN,
  extrasOf,
  FORMAT_ID,
  isAbsent,
  isObject,
  optionalBoolean,
  optionalString,
  requireArray,
  requireObject,
  requireString,
} from './wire.ts';

const keys = (...names: string[]): ReadonlySet<string> => new Set(['type', 'cache_control', ...names]);
const TEXT = keys('text', 'citations');
const MEDIA = keys('source');
const DOCUMENT = keys('source', 'title', 'context');
const SEARCH_RESULT = keys('source', 'title', 'content');
const THINKING = keys('thinking', 'signature');
const REDACTED = keys('data');
const TOOL_USE = keys('id', 'name', 'input', 'caller');
const TOOL_RESULT = keys('tool_use_id', 'content', 'is_error');
const SOURCE = new Set(['type', 'media_type', 'data', 'url', 'file_id', 'content']);

/**
 * A message's content as canonical blocks: a string is one text block, `''` none. Blocks that only this format has stay
 * whole as opaque blocks.
 * @throws {SignalboxError} INVALID_REQUEST that names the field, as in `messages[2].content[0].text`.
 */
export function decodeContent(content: JsonValue | undefined, path: string): Block[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return requireArray(content, path).flatMap((block, index) =>
    isObject(block) && isMadeUp(block) ? [] : decodeBlock(block, `${path}[${index}]`),
  );
}

/** System blocks: text only. @throws {SignalboxError} INVALID_REQUEST */
export function decodeSystem(system: JsonValue | undefined): TextBlock[] {
  if (isAbsent(system)) return [];
  return decodeContent(system, 'system').map((block, index) => {
    if (block.type === 'text') return block;
    throw errors.invalidRequest(`system[${index}].type: Input should be 'text'`);
  });
}

function decodeBlock(value: JsonValue, path: string): Block {
  const wire = requireObject(value, path);
  switch (requireString(wire.type, `${path}.type`)) {
    case 'text':
      return decodeText(wire, path);
    case 'image':
      return { type: 'image', source: decodeMedia(wire.source, `${path}.source`), ...baseOf(wire, MEDIA) };
    case 'document':
      return decodeDocument(wire, path);
    case 'search_result':
      return decodeSearchResult(wire, path);
    case 'thinking': {
      const text = requireString(wire.thinking, `${path}.thinking`);
      const state = decodeSignature(optionalString(wire.signature, `${path}.signature`));
      return { type: 'reasoning', text, ...(state === undefined ? {} : { state }), ...baseOf(wire, THINKING) };
    }
    case 'redacted_thinking': {
      const state = decodeSignature(requireString(wire.data, `${path}.data`));
      const base = baseOf(wire, REDACTED);
      return { type: 'reasoning', text: '', ...(state === undefined ? {} : { state }), redacted: true, ...base };
    }
    case 'tool_use': {
      const { input = {} } = wire;
      return {
        type: 'tool-call',
        id: requireString(wire.id, `${path}.id`),
        name: requireString(wire.name, `${path}.name`),
        input,
        ...baseOf(wire, TOOL_USE, callerOf(wire)),
      };
    }
    case 'tool_result': {
      const isError = optionalBoolean(wire.is_error, `${path}.is_error`);
      return {
        type: 'tool-result',
        callId: requireString(wire.tool_use_id, `${path}.tool_use_id`),
        content: isAbsent(wire.content) ? [] : decodeContent(wire.content, `${path}.content`),
        ...(isError === undefined ? {} : { isError }),
        ...baseOf(wire, TOOL_RESULT),
      };
    }
    default:
      return { type: 'opaque', format: FORMAT_ID, value: wire };
  }
}

/** State from a signature field: what the gateway packed there, or a genuine signature. Empty: none. */
function decodeSignature(signature: string | undefined): ReasoningState | undefined {
  if (signature === undefined || signature === '') return undefined;
  return unpackReasoningState(signature) ?? { origin: ANTHROPIC_ORIGIN, data: signature };
}

/** A direct call is the default and says nothing. */
export function callerOf({ caller }: JsonObject): JsonObject | undefined {
  if (isAbsent(caller) || (isObject(caller) && caller.type === 'direct')) return undefined;
  return { caller };
}

function decodeText(wire: JsonObject, path: string): TextBlock {
  const { citations } = wire;
  const own = Array.isArray(citations) ? citations.filter((one) => !isObject(one) || !isMadeUp(one)) : citations;
  const none = Array.isArray(own) && own.length === 0 && own.length < (citations as JsonValue[]).length;
  return {
    type: 'text',
    text: requireString(wire.text, `${path}.text`),
    ...baseOf(wire, TEXT, none ? undefined : citationsOf({ citations: own })),
  };
}

/** Citations in the form in which a stream brings them, so that both ways give one canonical block. */
export function citationsOf({ citations }: JsonObject): JsonObject | undefined {
  if (isAbsent(citations)) return undefined;
  if (!Array.isArray(citations) || citations.length === 0) return { citations };
  return { deltas: citations.map((citation) => ({ type: 'citations_delta', citation })) };
}

function decodeMedia(value: JsonValue | undefined, path: string): MediaSource {
  const source = requireObject(value, path);
  const type = requireString(source.type, `${path}.type`);
  if (type === 'base64') {
    return {
      type,
      mediaType: requireString(source.media_type, `${path}.media_type`),
      data: requireString(source.data, `${path}.data`),
    };
  }
  if (type === 'url') return { type, url: requireString(source.url, `${path}.url`) };
  if (type === 'file') return { type, fileId: requireString(source.file_id, `${path}.file_id`), format: FORMAT_ID };
  throw errors.invalidRequest(`${path}.type: Input should be 'base64', 'url' or 'file'`);
}

function decodeDocument(wire: JsonObject, path: string): DocumentBlock {
  const source = requireObject(wire.source, `${path}.source`);
  const title = optionalString(wire.title, `${path}.title`);
  const context = optionalString(wire.context, `${path}.context`);
  return {
    type: 'document',
    source:
      source.type === 'text'
        ? { type: 'text', text: requireString(source.data, `${path}.source.data`) }
        : source.type === 'content'
          ? { type: 'content', content: decodeContent(source.content, `${path}.source.content`) }
          : decodeMedia(source, `${path}.source`),
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
    ...baseOf(wire, DOCUMENT),
  };
}

/** A search result is a titled document from somewhere; the mark brings it back as what it was. */
function decodeSearchResult(wire: JsonObject, path: string): DocumentBlock {
  return {
    type: 'document',
    source: { type: 'content', content: decodeContent(wire.content, `${path}.content`) },
    title: requireString(wire.title, `${path}.title`),
    context: requireString(wire.source, `${path}.source`),
    ...baseOf(wire, SEARCH_RESULT, { search_result: true }),
  };
}

/** Each of them is noted by itself where it is lost. */
function under(field: string, extras: JsonObject = {}): JsonObject {
  return Object.fromEntries(Object.entries(extras).map(([key, value]) => [`${field}.${key}`, value]));
}

/** What every block may carry: a breakpoint, and whatever this package does not know. */
export function baseOf(
  wire: JsonObject,
  known: ReadonlySet<string>,
  more?: JsonObject,
): { cacheControl?: CacheControl; extensions?: Extensions } {
  const { cacheControl, extras } = decodeCacheControl(wire.cache_control);
  const sourceExtras = known.has('source') && isObject(wire.source) ? extrasOf(wire.source, SOURCE) : undefined;
  const unknown = extrasOf(wire, known);
  const base: { cacheControl?: CacheControl; extensions?: Extensions } = {};
  if (cacheControl !== undefined) base.cacheControl = cacheControl;
  if (extras !== undefined || sourceExtras !== undefined || unknown !== undefined || more !== undefined) {
    const own: JsonObject = {
      ...unknown,
      ...more,
      ...under('cacheControl', extras),
      ...(sourceExtras === undefined ? {} : { source: sourceExtras }),
    };
    const $advice = adviceAmong(Object.keys(own));
    if ($advice !== undefined) own.$advice = $advice;
    base.extensions = { [FORMAT_ID]: own };
  }
  return base;
}
