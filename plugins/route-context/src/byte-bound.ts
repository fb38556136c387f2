import { bodyHolds, type Exchange, TextSearch } from '@signalbox/kit';

interface Wire {
  /** Names of what limits the answer. */
  readonly limits: readonly Limit[];
  /** What is many tokens, however few bytes say it. */
  readonly media: readonly string[];
}

interface Limit {
  readonly name: string;
  readonly quoted: string;
  readonly search: TextSearch;
}

const limit = (name: string): Limit => ({ name, quoted: `"${name}"`, search: new TextSearch(`"${name}"`) });

/** By client format; a format that is not listed is always decoded. */
const WIRES: Readonly<Record<string, Wire>> = {
  'anthropic-messages': { limits: [limit('max_tokens')], media: ['"image"', '"document"'] },
  'openai-chat': {
    limits: [limit('max_tokens'), limit('max_completion_tokens')],
    media: ['"image_url"', '"file"'],
  },
  'openai-responses': { limits: [limit('max_output_tokens')], media: ['"input_image"', '"input_file"'] },
};

type Received = Pick<Exchange, 'format' | 'rawBody' | 'bodyMarks' | 'state'>;

/** The most tokens that a prompt can come to: no text has more than bytes. `undefined` where only decoding can tell. */
export function mostPromptTokens(exchange: Received): number | undefined {
  const wire = wireOf(exchange);
  if (wire === undefined || wire.media.some((mark) => bodyHolds(exchange, mark))) return undefined;
  return exchange.rawBody.length;
}

/** The most tokens that the client can have asked for. `undefined` where only decoding can tell. */
export function mostOutputTokens(exchange: Received): number | undefined {
  const { rawBody, bodyMarks } = exchange;
  let most = 0;
  const wire = wireOf(exchange);
  if (wire === undefined) return undefined;
  for (const { name, quoted, search } of wire.limits) {
    if (bodyMarks?.mayHold(quoted) === false) continue;
    const start = bodyMarks?.startOf(name);
    const asked = start === undefined ? largestNumber(rawBody, quoted.length, search) : numberAt(rawBody, start);
    most = Math.max(most, asked);
  }
  return most;
}

function wireOf({ format }: Received): Wire | undefined {
  return Object.hasOwn(WIRES, format) ? WIRES[format] : undefined;
}

/** A body that is full of such names is decoded instead, which is faster then. */
const MAX_PLACES = 100;

/** The largest of all numbers behind this name, at whatever depth: the client's limit is among them. */
function largestNumber(body: Buffer, nameBytes: number, search: TextSearch): number {
  let largest = 0;
  let left = MAX_PLACES;
  for (let at = search.indexIn(body); at !== -1; at = search.indexIn(body, at + 1)) {
    if (left-- === 0) return Infinity;
    const [colon = ''] = /^\s*:/.exec(body.toString('latin1', at + nameBytes, at + nameBytes + 20)) ?? [];
    if (colon !== '') largest = Math.max(largest, numberAt(body, at + nameBytes + colon.length));
  }
  return largest;
}

/** 0 where there is none. */
function numberAt(body: Buffer, start: number): number {
  const [, digits = '0'] = /^\s*([\d.eE+]+)/.exec(body.toString('latin1', start, start + 40)) ?? [];
  return Number(digits);
}
