/** How servers say that the prompt does not fit, where no code says it. */
const OVERFLOW: readonly RegExp[] = [
  /maximum context length/i,
  /context[_ -]?length[_ -]?exceeded/i,
  /(?:exceeds?|over) (?:the )?(?:model'?s? )?(?:available |maximum )?context (?:size|window|length|limit)/i,
  /(?:input|prompt|request)[^.]{0,40}(?:is )?(?:too long|longer than)[^.]{0,60}(?:context|token)/i,
  /prompt is too long/i,
];

const IMAGE =
  /(?:image|vision)[^.]{0,60}(?:not supported|unsupported|invalid|not allowed)|(?:unsupported|invalid|could not process|failed to (?:process|decode|load|download))[^.]{0,30}image/i;

/** `[limit, prompt]` in tokens, as OpenAI and servers after its model word it. */
const NUMBERS = /maximum context length (?:is|of) ([\d,]+) tokens?\D+([\d,]+)/i;

export function isContextOverflow(message: string): boolean {
  return OVERFLOW.some((wording) => wording.test(message));
}

export function isImageRejection(message: string): boolean {
  return IMAGE.test(message);
}

/** The wording that makes agents compact, with the numbers where the provider gave them. */
export function contextOverflowMessage(message: string): string {
  const [, limit, prompt] = NUMBERS.exec(message) ?? [];
  if (limit !== undefined && prompt !== undefined && Number(limit.replaceAll(',', '')) > 0) {
    return `prompt is too long: ${prompt.replaceAll(',', '')} tokens > ${limit.replaceAll(',', '')} maximum`;
  }
  return message.toLowerCase().startsWith('prompt is too long') ? message : `prompt is too long: ${message}`;
}
