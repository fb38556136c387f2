import type { JsonObject, StreamEvent } from '@signalbox/kit';
import { newTarget } from '../contexts.ts';
import { parsed } from '../mutate-frames.ts';
import type { Subject } from '../subjects.ts';
import { orOurs } from '../target.ts';
import { decodeAll } from './answers.ts';

/** What came back. */
export interface Heard {
  readonly status: number;
  readonly contentType: string;
  readonly raw: Buffer;
  /** How the connection ended, where that was not in order. */
  readonly broken: string | undefined;
}

/** Whether a body is an error that this format's clients can read. */
export function isErrorOf(id: string, text: string): boolean {
  const body = parsed(text);
  if (typeof body !== 'object' || body === null) return false;
  const { error, type } = (Array.isArray(body) ? body[0] : body) as JsonObject;
  if (id === 'ollama') return typeof error === 'string' && error !== '';
  const said = error as JsonObject | undefined;
  if (typeof said?.message !== 'string' || said.message === '') return false;
  if (id === 'gemini') return said.code === undefined || typeof said.code === 'number';
  return id !== 'anthropic-messages' || (type === 'error' && typeof said.type === 'string');
}

/** What no client may ever read: the gateway's own fault. */
const INTERNAL = 'Signalbox failed on this request';

export async function hear(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: Buffer | undefined,
  signal: AbortSignal,
): Promise<Heard> {
  const parts: Uint8Array[] = [];
  let status = 0;
  let contentType = '';
  let broken: string | undefined;
  try {
    const given = body === undefined ? {} : { body: new Uint8Array(body) };
    const answer = await fetch(url, { method, headers, ...given, signal });
    status = answer.status;
    contentType = answer.headers.get('content-type') ?? '';
    for await (const part of answer.body ?? []) parts.push(part);
  } catch (error) {
    const { message, cause } = error as Error;
    broken = `${message} (${cause instanceof Error ? cause.message : ''})`;
  }
  return { status, contentType, raw: Buffer.concat(parts), broken };
}

/**
 * The answer is a sound one of its format, or an error in it. @returns what a client takes it for; `undefined` for what is no
 * chat. @throws {Error} what is wrong with it.
 */
export function checkAnswer(
  { id, format }: Subject,
  { status, contentType, raw, broken }: Heard,
  { operation }: { readonly operation: string },
  faults: readonly string[],
  asked: () => string,
): 'success' | 'failure' | undefined {
  const text = raw.toString();
  const wrong = (what: string): never => {
    throw new Error(`${what}; status ${status} ${contentType}; answer: ${text.slice(0, 1_000)}; asked: ${asked()}`);
  };
  if (faults.length > 0) wrong(`the log says: ${faults.join('; ')}`);
  if (text.includes(INTERNAL)) wrong('an internal error');
  if (broken !== undefined) wrong(`no whole answer: ${broken}`);
  if (status >= 400) {
    if (!isErrorOf(id, text)) wrong('no error in the client’s format');
    return 'failure';
  }
  if (status < 200 || status >= 300) wrong('a status that nobody expects');
  if (operation !== 'chat') return undefined;
  if (contentType.startsWith('application/json') && !text.startsWith('[')) {
    const reply = orOurs(() => format.decodeReply(JSON.parse(text) as JsonObject, newTarget(format, 'asked-for')));
    return reply === undefined ? 'failure' : 'success';
  }
  if (text.startsWith('[') || contentType.startsWith('application/json')) return undefined;
  let events: readonly StreamEvent[] = [];
  try {
    events = decodeAll(format, [raw]);
  } catch (error) {
    wrong((error as Error).message);
  }
  return events.at(-1)?.type === 'message-end' ? 'success' : 'failure';
}
