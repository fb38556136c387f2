import type { Effort } from '@signalbox/kit';

/** What a family of models takes. */
export interface Family {
  readonly matches: RegExp;
  /** Thinks: takes no sampling parameters, no stop sequences, and `developer` for `system`. */
  readonly reasons: boolean;
  readonly efforts: readonly Effort[];
  /** Refuses function tools beside reasoning on Chat Completions. */
  readonly toolsExcludeReasoning?: boolean;
  /** Takes cache breakpoints on parts. */
  readonly cacheBreakpoints?: boolean;
}

const CLASSIC: Family = { matches: /^/, reasons: false, efforts: [] };

/** Models that tell comments on the way from answers: gpt-5.3-codex and all later ones. */
const PHASES = /^gpt-(?:5\.3-codex|5\.(?:[4-9]|\d\d)|[6-9]|\d\d)/;

/** Models that Chat Completions does not have. */
const RESPONSES_ONLY = /(?:^|-)(?:codex|deep-research)(?:-|$)|^computer-use|-pro(?:-\d|$)/;

/** First match decides. State of November 2026; fine-tuned models count as what they were made from. */
const FAMILIES: readonly Family[] = [
  { matches: /-chat-latest$/, reasons: false, efforts: [] },
  { matches: /^o\d/, reasons: true, efforts: ['low', 'medium', 'high'] },
  { matches: /^gpt-5(?!\.)/, reasons: true, efforts: ['minimal', 'low', 'medium', 'high'] },
  { matches: /^gpt-5\.1(?!\d)/, reasons: true, efforts: ['none', 'low', 'medium', 'high'] },
  {
    matches: /^gpt-5\.[45](?!\d)/,
    reasons: true,
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'],
    toolsExcludeReasoning: true,
  },
  {
    matches: /^gpt-5\.6(?!\d)/,
    reasons: true,
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'],
    toolsExcludeReasoning: true,
    cacheBreakpoints: true,
  },
  { matches: /^gpt-5\.[123](?!\d)/, reasons: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
  { matches: /^gpt-5\./, reasons: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh'], cacheBreakpoints: true },
  {
    matches: /^gpt-([6-9]|\d\d)/,
    reasons: true,
    efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'],
    cacheBreakpoints: true,
  },
];

export function familyOf(model: string): Family {
  const name = baseName(model);
  return FAMILIES.find(({ matches }) => matches.test(name)) ?? CLASSIC;
}

export function isResponsesOnly(model: string): boolean {
  return RESPONSES_ONLY.test(baseName(model));
}

/** Whether `phase` on what the model said helps it. */
export function knowsPhases(model: string): boolean {
  return PHASES.test(baseName(model));
}

function baseName(model: string): string {
  return model.replace(/^ft:/, '');
}

/** Models of Chat Completions alone that search the web with every request. */
export function isSearchModel(model: string): boolean {
  return /-search(?:-|$)/.test(model);
}
