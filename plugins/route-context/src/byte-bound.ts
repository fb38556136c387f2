import { bodyHolds, type Exchange } from '@signalbox/kit';

interface Wire {
  /** Names of what limits the answer, quoted. */
  readonly limits: readonly string[];
  /** What is many tokens, however few bytes say it. */
  readonly media: readonly string[];
}

/** By client format; a format that is not listed is always decoded. */
const WIRES: Readonly<Record<string, Wire>> = {
  'anthropic-messages': { limits: ['"max_tokens"'], media: ['"image"', '"document"'] },
  'openai-chat': { limits: ['"max_tokens"', '"max_completion_tokens"'], media: ['"image_url"', '"file"'] },
  'openai-responses': { limits: ['"max_output_tokens"'], media: ['"input_image"', '"input_file"'] },
};

type Received = Pick<Exchange, 'format' | 'rawBody' | 'state'>;

/** The most tokens that a prompt can come to: no text has more than bytes. `undefined` where only decoding can tell. */
export function mostPromptTokens(exchange: Received): number | undefined {
  const wire = wireOf(exchange);
  if (wire === undefined || wire.media.some((mark) => bodyHolds(exchange, mark))) return undefined;
  return exchange.rawBody.length;
}

/** The most tokens that the client can have asked for. `undefined` where only decoding can tell. */
export function mostOutputTokens(exchange: Received): number | undefined {
  return wireOf(exchange)?.limits.reduce((most, name) => Math.max(most, largestNumber(exchange.rawBody, name)), 0);
}

function wireOf({ format }: Received): Wire | undefined {
  return Object.hasOwn(WIRES, format) ? WIRES[format] : undefined;
}

/** The largest of all numbers behind this name, at whatever depth: the client's limit is among them. */
function largestNumber(body: Buffer, quotedName: string): number {
  let largest = 0;
  for (let at = body.indexOf(quotedName); at !== -1; at = body.indexOf(quotedName, at + 1)) {
    const start = at + quotedName.length;
    const [, digits = '0'] = /^\s*:\s*([\d.eE+]+)/.exec(body.toString('latin1', start, start + 40)) ?? [];
    largest = Math.max(largest, Number(digits));
  }
  return largest;
}
