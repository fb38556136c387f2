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
  return {
    text,
    weight,
    // The agents of a team are called `name@team`; all other ids are random.
    matches: (agentId, line) => agentId === text || words(line) || (agentId?.includes('@') === true && words(agentId)),
  };
}

/**
 * Finds whole words, upper and lower case alike: `view` is not in `reviewer`, `*view*` is. In time that grows with the
 * text alone, whatever stands in the config: prompts come from clients.
 */
function wordsPattern(name: string): (text: string) => boolean {
  const [first = '', ...rest] = name.toLowerCase().split(/\*+/);
  const last = rest.pop();
  return (text) => {
    const lower = text.toLowerCase();
    let from = last === undefined ? 0 : indexOfWords(lower, first, 0, { start: true, end: false });
    if (from === -1) return false;
    if (last === undefined) return indexOfWords(lower, first, 0, { start: true, end: true }) !== -1;
    from += first.length;
    for (const literal of rest) {
      const at = lower.indexOf(literal, from);
      if (at === -1) return false;
      from = at + literal.length;
    }
    return indexOfWords(lower, last, from, { start: false, end: true }) !== -1;
  };
}

/** Where these words stand, from `from` on, with no letter ahead of them or behind them; nothing stands anywhere. */
function indexOfWords(text: string, words: string, from: number, ends: { start: boolean; end: boolean }): number {
  if (words === '') return from;
  for (let at = text.indexOf(words, from); at !== -1; at = text.indexOf(words, at + 1)) {
    const glued =
      (ends.start && LETTER_LAST.test(text.slice(Math.max(0, at - 2), at))) ||
      (ends.end && LETTER_FIRST.test(text.slice(at + words.length, at + words.length + 2)));
    if (!glued) return at;
  }
  return -1;
}

const LETTER_FIRST = /^[\p{L}\p{N}_]/u;
const LETTER_LAST = /[\p{L}\p{N}_]$/u;
