import type { JsonObject } from '@signalbox/kit';
import { count, isObject } from './fields.ts';

/** How servers say that the prompt does not fit, where no code says it. */
const OVERFLOW: readonly RegExp[] = [
  /maximum context length/i,
  /context[_ -]?length[_ -]?exceeded/i,
  /prompt is too long/i,
  /exceeds? (?:the )?(?:model'?s? )?(?:available |maximum )?context (?:size|window|length|limit)/i,
  /(?:context (?:size|window|length|limit)|max_model_len)[^.]{0,60}(?:exceeded|too small|overflow)/i,
  /(?:input|prompt|request)[^.]{0,40}(?:is )?(?:too long|longer than)[^.]{0,60}(?:context|token)/i,
  /too many (?:input )?tokens/i,
  /input tokens? exceeds?/i,
];

const IMAGE: readonly RegExp[] = [
  /(?:does not|doesn'?t|do not|cannot|can'?t)\s+(?:support|accept|process|handle)[^.]{0,40}(?:image|vision|multimodal)/i,
  /(?:image|vision)[^.]{0,60}(?:not supported|unsupported|invalid|not allowed|could not be (?:processed|decoded))/i,
  /(?:no endpoints found that support image|unknown variant `?image_url)/i,
  /(?:could not process|failed to (?:process|decode|load|download)|unsupported|invalid)[^.]{0,30}image/i,
];

export function isContextOverflow(message: string): boolean {
  return OVERFLOW.some((wording) => wording.test(message));
}

export function isImageRejection(message: string): boolean {
  return IMAGE.some((wording) => wording.test(message));
}

/** `[prompt tokens, context tokens]` as the servers word them; whole numbers, perhaps with separators. */
const NUMBERS: readonly { readonly pattern: RegExp; readonly limitFirst: boolean }[] = [
  {
    pattern: /maximum context length is ([\d,]+) tokens.*?(?:requested|resulted in|contains?|has|have)[^\d]*([\d,]+)/is,
    limitFirst: true,
  },
  { pattern: /maximum context length is ([\d,]+) tokens?[^\d]+([\d,]+)/is, limitFirst: true },
  { pattern: /([\d,]+) tokens\s*>\s*([\d,]+)/i, limitFirst: false },
  { pattern: /\(([\d,]+) tokens?\)[^\d]*(?:context|limit|maximum)[^\d]*\(?([\d,]+)/i, limitFirst: false },
];

/**
 * The wording that makes agents compact: `prompt is too long: N tokens > M maximum` where the provider gave the numbers.
 * Otherwise the provider's own words behind the part that is recognised.
 */
export function contextOverflowMessage(message: string, body: JsonObject | undefined): string {
  const error = isObject(body?.error) ? body.error : {};
  const prompt = count(error.n_prompt_tokens);
  const limit = count(error.n_ctx);
  if (prompt !== undefined && limit !== undefined) return worded(prompt, limit);
  for (const { pattern, limitFirst } of NUMBERS) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const first = number(match[1]);
    const second = number(match[2]);
    if (first > 0 && second > 0) return limitFirst ? worded(second, first) : worded(first, second);
  }
  return message.toLowerCase().startsWith('prompt is too long') ? message : `prompt is too long: ${message}`;
}

function worded(tokens: number, limit: number): string {
  return `prompt is too long: ${tokens} tokens > ${limit} maximum`;
}

function number(digits: string | undefined): number {
  return Number((digits ?? '').replaceAll(',', ''));
}
