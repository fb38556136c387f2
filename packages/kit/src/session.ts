import { type Exchange, stateKey } from './exchange.ts';

/** In the order in which they are believed. */
const SESSION_HEADERS = ['x-claude-code-session-id', 'x-session-id', 'session_id', 'conversation_id'] as const;
const AGENT_HEADER = 'x-claude-code-agent-id';
/** A longer id is no id. */
const MAX_ID_CHARS = 200;
/** The two ways in which agents put their session into the id of the user. */
const IN_USER_ID = /"session_id"\s*:\s*"([\w-]+)"|_session_([\w-]+)$/;

type Asking = Pick<Exchange, 'headers' | 'rawBody' | 'bodyMarks' | 'state'>;

const found = stateKey<{ id?: string | undefined; key?: string }>(() => ({}));

/**
 * The id of the conversation, as the client gives it: in a header, or in the body as `metadata.user_id` or
 * `prompt_cache_key`. Found without decoding, once per exchange. `undefined`: the client says nothing of it.
 */
export function sessionOf(exchange: Asking): string | undefined {
  const known = exchange.state(found);
  if (!('id' in known)) known.id = fromHeaders(exchange) ?? fromBody(exchange);
  return known.id;
}

/**
 * A key for what is remembered about a session: whose it is, and which agent of it, as each has a prompt of its own.
 * `undefined` where the client says nothing of its session.
 */
export function sessionKey(exchange: Asking & Pick<Exchange, 'principal'>): string | undefined {
  const id = sessionOf(exchange);
  if (id === undefined) return undefined;
  const known = exchange.state(found);
  known.key ??= JSON.stringify([exchange.principal?.id ?? '', id, exchange.headers[AGENT_HEADER] ?? '']);
  return known.key;
}

function fromHeaders({ headers }: Asking): string | undefined {
  for (const name of SESSION_HEADERS) {
    const id = usable(headers[name]);
    if (id !== undefined) return id;
  }
  return undefined;
}

function fromBody(exchange: Asking): string | undefined {
  for (const userId of textsOf(exchange, '"user_id"')) {
    const match = IN_USER_ID.exec(userId);
    const id = usable(match?.[1] ?? match?.[2]);
    if (id !== undefined) return id;
  }
  for (const key of textsOf(exchange, '"prompt_cache_key"')) {
    const id = usable(key);
    if (id !== undefined) return id;
  }
  return undefined;
}

function usable(id: string | undefined): string | undefined {
  return id === undefined || id === '' || id.length > MAX_ID_CHARS ? undefined : id;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MAX_TEXT_BYTES = 1_024;
/** Nobody says it more often; a body that is full of such keys would keep everyone waiting. */
const MAX_PLACES = 20;

/** The short texts behind a key of this name, the last in the body first: clients put what is small behind what is long. */
function* textsOf({ rawBody: body, bodyMarks }: Asking, quotedKey: string): Generator<string> {
  if (bodyMarks?.mayHold(quotedKey) === false) return;
  let left = MAX_PLACES;
  for (let at = body.lastIndexOf(quotedKey); at !== -1; at = at === 0 ? -1 : body.lastIndexOf(quotedKey, at - 1)) {
    if (left-- === 0) return;
    // Within a string its quotes would be escaped.
    if (body[at - 1] === BACKSLASH) continue;
    const colon = skipSpace(body, at + quotedKey.length);
    const start = skipSpace(body, colon + 1);
    if (body[colon] !== COLON || body[start] !== QUOTE) continue;
    const text = readText(body, start);
    if (text !== undefined) yield text;
  }
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  for (let byte = body[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = body[at]) at++;
  return at;
}

function readText(body: Buffer, start: number): string | undefined {
  const last = Math.min(body.length, start + MAX_TEXT_BYTES);
  for (let at = start + 1; at < last; at++) {
    if (body[at] === BACKSLASH) at++;
    else if (body[at] === QUOTE) return parseText(body.toString('utf8', start, at + 1));
  }
  return undefined;
}

function parseText(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
