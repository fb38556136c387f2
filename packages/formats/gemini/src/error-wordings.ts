/** How Google says that the prompt does not fit; one of its texts has the typing error. */
const OVERFLOW: readonly RegExp[] = [
  /input token count[^.]{0,60}exe?ce+ds? the maximum number of (?:input )?tokens/i,
  /(?:prompt|input|request) is too long/i,
  /exceeds? the (?:model'?s? )?(?:maximum )?(?:context|input)[ _-]?(?:window|length|token limit|size)/i,
  /(?:too many|maximum number of) (?:input )?tokens allowed/i,
];
const IMAGE: readonly RegExp[] = [
  /unable to process input image/i,
  /(?:unsupported|invalid) (?:mime ?type:? ?)?image/i,
  /(?:provided )?image is not valid|failed to (?:decode|process|load) (?:the )?image/i,
  /(?:does not|doesn'?t) support (?:image|vision)/i,
];
/** Money, as opposed to limits: the text on limits names "plan and billing details", too. */
const BILLING: readonly RegExp[] = [
  /(?:prepay\w*|credits?|balance)[^.]{0,40}(?:depleted|exhausted|insufficient|too low|used up)/i,
  /(?:depleted|exhausted|insufficient)[^.]{0,40}(?:prepay\w*|credits?|balance|funds)/i,
  /billing (?:account )?(?:is |has been )?(?:not (?:enabled|active)|disabled|closed)/i,
  /requires billing|enable billing|billing to be enabled|spend(?:ing)? (?:cap|limit)/i,
];

export const isOverflow = (message: string): boolean => OVERFLOW.some((wording) => wording.test(message));
export const isImageRejection = (message: string): boolean => IMAGE.some((wording) => wording.test(message));
export const isBilling = (message: string): boolean => BILLING.some((wording) => wording.test(message));

/** The wording that makes agents compact, with Google's numbers where it gave both. */
export function overflowMessage(message: string): string {
  if (/^prompt is too long: \d+ tokens > \d+ maximum/.test(message)) return message;
  const numbers = [...message.matchAll(/\d[\d,]*/g)]
    .map(([digits]) => Number(digits.replaceAll(',', '')))
    .filter((number) => number >= 1_000);
  const [first, second] = numbers;
  if (first !== undefined && second !== undefined && first !== second) {
    return `prompt is too long: ${Math.max(first, second)} tokens > ${Math.min(first, second)} maximum`;
  }
  return message.toLowerCase().startsWith('prompt is too long') ? message : `prompt is too long: ${message}`;
}

/** The same in the words that Google's clients know. */
export function googleOverflowMessage(message: string): string {
  const match = /(\d+) tokens > (\d+) maximum/.exec(message);
  if (match !== null) {
    return `The input token count (${match[1]}) exceeds the maximum number of tokens allowed (${match[2]}).`;
  }
  return `The input token count exceeds the maximum number of tokens allowed: ${message}`;
}
