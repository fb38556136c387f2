/** Claude Code sends no agent names. These of its own agents are told by a few words of their prompts (2.1.197). */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['explore', 'file search specialist'],
  ['general-purpose', 'agent for Claude Code'],
]);

/** A key of `agents`, compiled once. */
export interface AgentName {
  readonly text: string;
  /** Characters that are not `*`: the more there are, the more the name says. */
  readonly weight: number;
  /** `line`: the first one of the agent's own prompt. */
  matches(agentId: string | undefined, line: string): boolean;
}

export function compileAgentName(text: string): AgentName {
  const weight = text.replaceAll('*', '').length;
  if (weight === 0) return { text, weight, matches: () => true };
  const words = wordsPattern(BUILT_IN.get(text.toLowerCase()) ?? text);
  return { text, weight, matches: (agentId, line) => agentId === text || words.test(line) };
}

/** Finds whole words: `view` is not in `reviewer`, `*view*` is. */
function wordsPattern(text: string): RegExp {
  const literals = text.split(/\*+/).map((literal) => literal.replace(/[\\^$.+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literals.join('.*')}(?![\\p{L}\\p{N}_])`, 'iu');
}
