import { type Exchange, type JsonValue, jsonAt, jsonItemsAt, SignalboxError } from '@signalbox/kit';

/** How a conversation begins, which is the same with every turn of it. */
export interface Opening {
  /** The first block of the system prompt. */
  readonly system: string;
  /** The text of the user's first message; never empty. */
  readonly message: string;
}

/** A longer part is left to the decoder. */
const MAX_BYTES = 256 * 1024;
const SYSTEM_ROLES: readonly unknown[] = ['system', 'developer'];

/**
 * The opening of a request. `undefined` where it cannot be read, or does not begin with words. In formats whose messages
 * stand in `messages` it is read from the bytes at their start: decoding it all takes ten times as long.
 */
export function openingOf(exchange: Exchange): Opening | undefined {
  const { format, bodyMarks, rawBody } = exchange;
  const start = bodyMarks?.startOf('messages');
  const opening =
    start !== undefined && (format === 'anthropic-messages' || format === 'openai-chat')
      ? readOpening(rawBody, start, bodyMarks?.startOf('system'))
      : decodeOpening(exchange);
  return opening === undefined || opening.message === '' ? undefined : opening;
}

function readOpening(body: Buffer, messagesStart: number, systemStart: number | undefined): Opening | undefined {
  let system = systemStart === undefined ? undefined : readSystem(body, systemStart);
  for (const item of jsonItemsAt(body, messagesStart, MAX_BYTES)) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
    if (SYSTEM_ROLES.includes(item.role)) system ??= textsOf(item.content)[0];
    else if (item.role === 'user') return { system: system ?? '', message: textsOf(item.content).join('\n') };
  }
  return undefined;
}

/** The first block alone: what stands behind it may be long. */
function readSystem(body: Buffer, start: number): string | undefined {
  for (const block of jsonItemsAt(body, start, MAX_BYTES)) return textsOf([block])[0];
  return textsOf(jsonAt(body, start, MAX_BYTES))[0];
}

/** Of a content that is a text, or a list of blocks. Where the cache is to begin moves with the turns and does not count. */
function textsOf(content: JsonValue | undefined): readonly string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((block) =>
    typeof block === 'object' && block !== null && !Array.isArray(block) && typeof block.text === 'string'
      ? [block.text]
      : [],
  );
}

function decodeOpening(exchange: Exchange): Opening | undefined {
  try {
    const { system, messages } = exchange.request;
    const first = messages.find(({ role }) => role === 'user');
    const texts = first?.content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
    return texts && { system: system[0]?.text ?? '', message: texts.join('\n') };
  } catch (error) {
    if (!SignalboxError.is(error)) throw error;
    return undefined;
  }
}
