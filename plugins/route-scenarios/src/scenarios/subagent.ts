import type { Evidence, Marks } from '../evidence.ts';

const AGENT_HEADER = 'x-claude-code-agent-id';
const AGENT_MARK = 'cc_is_subagent=true';
const MARKS: Marks = { 'anthropic-messages': [AGENT_MARK], 'openai-chat': [] };

/** Claude Code says so in a header, and in the first system block where a proxy has lost the header. */
export function isSubagent(evidence: Evidence): string | undefined {
  const id = evidence.exchange.headers[AGENT_HEADER];
  const found =
    (id !== undefined && id !== '') ||
    (evidence.mayHold(MARKS) && evidence.request?.system[0]?.text.includes(AGENT_MARK) === true);
  return found ? 'it comes from a subagent' : undefined;
}
