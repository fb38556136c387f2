import { type Exchange, jsonField, jsonFirstItem, jsonNextItem, jsonRawString, SignalboxError } from '@signalbox/kit';

/** How a conversation begins, which is the same with every turn of it: its texts, or the bytes that stand for them. */
export interface Opening {
  /** The first block of the system prompt. */
  readonly system: string;
  /** The text of the user's first message; never empty. */
  readonly message: string;
}

/** What stands behind is not looked at. */
const MAX_BYTES = 256 * 1024;
const SYSTEM_ROLES: readonly unknown[] = ['system', 'developer'];

/**
 * The opening of a request. `undefined` where it cannot be read, or does not begin with words. In formats whose messages
 * stand in `messages` it is read from the bytes at their start, unparsed: it is only compared.
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
  const limit = limitFrom(body, messagesStart);
  for (
    let message = jsonFirstItem(body, messagesStart, limit);
    message !== undefined;
    message = jsonNextItem(body, message, limit)
  ) {
    const roleStart = jsonField(body, message, 'role', limit);
    const role = roleStart === undefined ? undefined : jsonRawString(body, roleStart, limit);
    if (role !== 'user' && !SYSTEM_ROLES.includes(role)) continue;
    const content = jsonField(body, message, 'content', limit);
    const texts = content === undefined ? [] : textsOf(body, content, limit);
    if (role === 'user') return { system: system ?? '', message: texts.join('\n') };
    system ??= texts[0];
  }
  return undefined;
}

/** The first block alone: what stands behind it may be long. */
function readSystem(body: Buffer, start: number): string | undefined {
  const limit = limitFrom(body, start);
  const block = jsonFirstItem(body, start, limit);
  return block === undefined ? textsOf(body, start, limit)[0] : textOf(body, block, limit);
}

/** Of a content that is a text, or a list of blocks. Where the cache is to begin moves with the turns and does not count. */
function textsOf(body: Buffer, content: number, limit: number): readonly string[] {
  const whole = jsonRawString(body, content, limit);
  if (whole !== undefined) return [whole];
  const texts: string[] = [];
  for (let block = jsonFirstItem(body, content, limit); block !== undefined; block = jsonNextItem(body, block, limit)) {
    const text = textOf(body, block, limit);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

function textOf(body: Buffer, block: number, limit: number): string | undefined {
  const start = jsonField(body, block, 'text', limit);
  return start === undefined ? undefined : jsonRawString(body, start, limit);
}

function limitFrom(body: Buffer, start: number): number {
  return Math.min(body.length, start + MAX_BYTES);
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
