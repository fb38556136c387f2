import type { ProviderCall } from '@signalbox/kit';

const GATEWAY_MARK = Buffer.from('"signalbox1.');
const SIGNATURE_KEY = Buffer.from('"signature"');
const QUOTE = 0x22;

/**
 * Whether an Anthropic client's body holds no reasoning of another provider: neither what the gateway packed into a
 * signature nor thinking that nobody signed. Anthropic refuses such blocks, so a history that has them must be encoded,
 * which leaves them out. Nothing is parsed, and the bytes are searched only where the core's own pass over them leaves
 * a doubt.
 */
export function hasOnlyOwnReasoning({
  rawBody,
  holdsGatewayMarks = true,
  holdsEmptyStrings = true,
}: ProviderCall): boolean {
  if (rawBody === undefined) return true;
  if (holdsGatewayMarks && rawBody.includes(GATEWAY_MARK)) return false;
  return !(holdsEmptyStrings && hasEmptySignature(rawBody));
}

function hasEmptySignature(body: Buffer): boolean {
  for (let at = body.indexOf(SIGNATURE_KEY); at !== -1; at = body.indexOf(SIGNATURE_KEY, at + 1)) {
    let value = at + SIGNATURE_KEY.length;
    while (body[value] !== QUOTE && value < at + 20) value++;
    if (body[value] === QUOTE && body[value + 1] === QUOTE) return true;
  }
  return false;
}
