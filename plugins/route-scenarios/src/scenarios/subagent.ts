import type { Evidence, Marks } from '../evidence.ts';

/** Its own id; the id of the subagent that started it. */
const AGENT_HEADERS = ['x-claude-code-agent-id', 'x-claude-code-parent-agent-id'] as const;
const AGENT_MARK = 'cc_is_subagent=true';
const MARKS: Marks = { 'anthropic-messages': [AGENT_MARK], 'openai-chat': [] };

/** Claude Code says so in a header, and in the first system block where a proxy has lost the header. */
export function isSubagent(evidence: Evidence): string | undefined {
  const { headers } = evidence.exchange;
  const found =
    AGENT_HEADERS.some((name) => (headers[name] ?? '') !== '') ||
    (evidence.mayHold(MARKS) && evidence.request?.system[0]?.text.includes(AGENT_MARK) === true);
  return found ? 'it comes from a subagent' : undefined;
}
