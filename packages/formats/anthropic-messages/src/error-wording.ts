/** What providers write when the prompt does not fit. */
const OVERFLOW =
  /prompt is too long|input is too long|maximum context length|context[_ ]length[_ ]exceeded|context window|exceeds? (?:the )?(?:model'?s )?(?:maximum )?context|too many (?:input )?tokens|string_too_long|max(?:imum)? (?:input|prompt) (?:length|tokens)/i;

// Claude Code shortens its own `max_tokens` on this wording, so it must stay as it is.
const LIMIT_AND_PROMPT = /input length and `max_tokens` exceed context limit/i;

const IMAGE =
  /could not process image|image exceeds|image (?:dimensions|size)|unable to (?:process|download) image|does not support image|image input is not supported|no endpoints found that support image|invalid image|unsupported image/i;

const BILLING = /credit balance is too low|insufficient (?:balance|credits|funds)|payment required|billing/i;
const QUOTA =
  /insufficient_quota|exceeded your current quota|spend(?:ing)? limit|quota (?:has been )?exceeded|usage limit/i;
const QUOTA_CODES = /^(?:enforced_spend_limit_reached|contract_spend_limit_reached|insufficient_quota)$/;

export const isOverflow = (text: string): boolean => OVERFLOW.test(text) && !LIMIT_AND_PROMPT.test(text);
export const isImageRefusal = (text: string): boolean => IMAGE.test(text);
export const isBilling = (text: string): boolean => BILLING.test(text);
export const isQuota = (text: string, code: string): boolean => QUOTA_CODES.test(code) || QUOTA.test(text);
export const isContentRefusal = (text: string): boolean => /content filter(?:ing)? policy|content_filter/i.test(text);

/**
 * The wording on which Claude Code compacts: `prompt is too long: N tokens > M maximum`, or its first half where the
 * numbers are not known. A text that has it already stays.
 */
export function overflowMessage(text: string): string {
  if (/^prompt is too long: \d+ tokens > \d+ maximum/.test(text)) return text;
  const counts = [...text.matchAll(/\d[\d,]*/g)].map(([digits]) => Number(digits.replaceAll(',', '')));
  const large = counts.filter((count) => count >= 1_000);
  const [first, second] = large;
  if (large.length < 2 || first === undefined || second === undefined || first === second) return 'prompt is too long';
  return `prompt is too long: ${Math.max(first, second)} tokens > ${Math.min(first, second)} maximum`;
}
