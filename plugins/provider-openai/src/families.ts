import type { Effort } from '@signalbox/kit';

/** What a family of models takes on Chat Completions. */
export interface Family {
  readonly matches: RegExp;
  /** Thinks: takes no sampling parameters, no stop sequences, and `developer` for `system`. */
  readonly reasons: boolean;
  readonly efforts: readonly Effort[];
  /** Refuses function tools beside reasoning here; OpenAI offers both together on its Responses API only. */
  readonly toolsExcludeReasoning?: boolean;
}

const CLASSIC: Family = { matches: /^/, reasons: false, efforts: [] };

/** First match decides. State of November 2026; fine-tuned models count as what they were made from. */
const FAMILIES: readonly Family[] = [
  { matches: /-chat-latest$/, reasons: false, efforts: [] },
  { matches: /^o\d/, reasons: true, efforts: ['low', 'medium', 'high'] },
  { matches: /^gpt-5(?!\.)/, reasons: true, efforts: ['minimal', 'low', 'medium', 'high'] },
  { matches: /^gpt-5\.1(?!\d)/, reasons: true, efforts: ['none', 'low', 'medium', 'high'] },
  {
    matches: /^gpt-5\.[456](?!\d)/,
    reasons: true,
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'],
    toolsExcludeReasoning: true,
  },
  { matches: /^gpt-5\./, reasons: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
  { matches: /^gpt-([6-9]|\d\d)/, reasons: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] },
];

export function familyOf(model: string): Family {
  const name = model.replace(/^ft:/, '');
  return FAMILIES.find(({ matches }) => matches.test(name)) ?? CLASSIC;
}
