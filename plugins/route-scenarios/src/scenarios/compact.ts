import type { Evidence, Marks } from '../evidence.ts';

/** How Claude Code 2.1 asks for the summary that replaces a conversation. */
const ORDER = 'Your task is to create a detailed summary of the conversation so far';
const MARKS: Marks = { 'anthropic-messages': [ORDER], 'openai-chat': [ORDER] };

/** The last thing that is said is the order to summarise; a conversation that only mentions it does not count. */
export function isCompaction(evidence: Evidence): string | undefined {
  if (!evidence.mayHold(MARKS)) return undefined;
  const last = evidence.request?.messages.findLast(({ role }) => role === 'user')?.content.at(-1);
  return last?.type === 'text' && last.text.includes(ORDER) ? 'the conversation is to be compacted' : undefined;
}
