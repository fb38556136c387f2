import type { Marks, Recognise } from '../evidence.ts';

export const DEFAULT_THRESHOLD_TOKENS = 60_000;

/** What is estimated at a fixed number of tokens, however few bytes say it. */
const MEDIA: Marks = {
  'anthropic-messages': ['"image"', '"document"'],
  'openai-chat': ['"image_url"', '"file"'],
};
/** The densest that a prompt can be full of (base64, hashes) has 1.4 bytes for a token; text and code have three or four. */
const MIN_BYTES_PER_TOKEN = 1.25;

/** The prompt is estimated at more than `thresholdTokens`. Only a body that is large enough for that gets decoded. */
export function longContext(thresholdTokens = DEFAULT_THRESHOLD_TOKENS): Recognise {
  return (evidence) => {
    const { exchange } = evidence;
    if (exchange.rawBody.length <= thresholdTokens * MIN_BYTES_PER_TOKEN && !evidence.mayHold(MEDIA)) return undefined;
    if (evidence.request === undefined) return undefined;
    const promptTokens = exchange.estimatePromptTokens();
    return promptTokens > thresholdTokens
      ? `the prompt of about ${promptTokens} tokens is over ${thresholdTokens}`
      : undefined;
  };
}
