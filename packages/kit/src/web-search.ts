import type { WebSearch } from '@signalbox/spec';
import type { Notes } from './notes.ts';

type Option = Exclude<keyof WebSearch, 'others'>;

const OPTIONS: readonly Option[] = [
  'maxUses',
  'maxResults',
  'contextSize',
  'allowedDomains',
  'blockedDomains',
  'userLocation',
];

/** Notes that a client's web search is the provider's own, and what the provider's has no option for. */
export function noteWebSearch(search: WebSearch, taken: readonly Option[], path: string, notes: Notes): void {
  notes.add(path, 'mapped', 'web search is the provider’s own here');
  const lost: string[] = OPTIONS.filter((option) => search[option] !== undefined && !taken.includes(option));
  for (const option of [...lost, ...(search.others ?? [])]) {
    notes.add(`${path}.${option}`, 'dropped', 'the provider’s web search has no such option');
  }
}
