import { bodyHolds, type ChatRequest, type Exchange } from '@signalbox/kit';
import { withoutTags } from './tag.ts';

/** An id, mostly random, on every request of a Claude Code subagent and on no other. */
const AGENT_ID = 'x-claude-code-agent-id';
/** The id of the subagent that started this one; not there where the main loop did. */
const PARENT_ID = 'x-claude-code-parent-agent-id';
const ATTRIBUTION = 'x-anthropic-billing-header:';
const MARK = 'cc_is_subagent=true';
const REMINDER = '<system-reminder>';
/** What is read of a prompt's first line, in characters. */
const LINE_LIMIT = 1_000;

/** What the headers say of an agent; empty ones say nothing. */
export interface AgentIds {
  readonly own: string | undefined;
  readonly parent: string | undefined;
}

export function agentIdsOf({ headers }: Pick<Exchange, 'headers'>): AgentIds {
  return { own: headers[AGENT_ID] || undefined, parent: headers[PARENT_ID] || undefined };
}

/** Told by the headers, or by the client's first system block where something between has dropped the header. */
export function isSubagent(exchange: Exchange): boolean {
  const { own, parent } = agentIdsOf(exchange);
  if (own !== undefined || parent !== undefined) return true;
  // What begins a text is known not to be there without a search.
  if (!bodyHolds(exchange, `"${ATTRIBUTION}`) || !bodyHolds(exchange, MARK)) return false;
  // Anyone may talk about the mark; only the client's own block means it.
  const first = exchange.request.system[0]?.text ?? '';
  return first.startsWith(ATTRIBUTION) && first.includes(MARK);
}

/** The first line of the agent's own prompt. The client puts a block of attribution and one about itself ahead of it. */
export function firstLine({ system }: ChatRequest): string {
  const texts = system.map(({ text }) => text).filter((text) => !text.startsWith(ATTRIBUTION));
  const own = texts[texts.length > 1 ? 1 : 0] ?? '';
  const start = withoutTags(own.slice(0, LINE_LIMIT), 'anywhere').trimStart();
  return start.split('\n', 1)[0]?.trimEnd() ?? '';
}

/** The texts of what is said before the first answer. The client's reminders (CLAUDE.md, date) are among them. */
export function openingTexts({ messages }: ChatRequest): { readonly path: string; readonly text: string }[] {
  const texts: { path: string; text: string }[] = [];
  for (const [at, { role, content }] of messages.entries()) {
    if (role === 'assistant') break;
    for (const [index, block] of content.entries()) {
      if (block.type === 'text') texts.push({ path: `messages[${at}].content[${index}].text`, text: block.text });
    }
  }
  return texts;
}

/** What the agent was made and asked to do: its system prompt and its task, without the client's reminders. */
export function promptTexts(request: ChatRequest): readonly string[] {
  const task = openingTexts(request).map(({ text }) => text);
  return [...request.system.map(({ text }) => text), ...task.filter((text) => !text.trimStart().startsWith(REMINDER))];
}
